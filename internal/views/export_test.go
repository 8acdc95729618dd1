package views

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// No cell of a CSV file makes a spreadsheet compute, whatever the CMP wrote, and the rest comes back as it was.
func TestCSVIsInert(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	letters := []rune("=+-@\t\r\n\x00＝＋－＠a1,\"' 中")
	for range 20_000 {
		cell := make([]rune, r.IntN(6))
		for i := range cell {
			cell[i] = letters[r.IntN(len(letters))]
		}
		text := inert(string(cell))
		if first := firstRune(text); strings.ContainsRune(formula, first) {
			t.Fatalf("%q begins a formula", text)
		}
		if strings.TrimPrefix(text, "'") != string(cell) && text != string(cell) {
			t.Fatalf("%q became %q", string(cell), text)
		}
	}
}

// Both files hold the same cells, ids with all their digits. Readers that others wrote say so.
func TestFilesHoldTheTable(t *testing.T) {
	t.Parallel()
	s := sheet{name: "x", header: []string{"device", "text"}, rows: [][]string{{"89852026000000000016", "日本, \"quoted\""}, {"0012", "<&>\x01 =1+1"}}}
	want := append([][]string{s.header}, s.rows...)
	var out bytes.Buffer
	if err := s.csv(&out); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(&out).ReadAll()
	if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("CSV %q, %v", got, err)
	}
	out.Reset()
	if err := s.xlsx(&out); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("Sheet1")
	if err != nil || len(rows) != 3 || rows[1][0] != "89852026000000000016" || rows[1][1] != want[1][1] || rows[2][0] != "0012" || rows[2][1] != "<&>\ufffd =1+1" {
		t.Errorf("XLSX %q, %v", rows, err)
	}
	if kind, err := book.GetCellType("Sheet1", "A2"); err != nil || kind != excelize.CellTypeInlineString {
		t.Errorf("an id is a cell of type %v, %v", kind, err)
	}
	if _, err := s.file("pdf"); err == nil {
		t.Error("a PDF was written")
	}
}
