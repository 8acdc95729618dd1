package views

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"cmpconsole/internal/cmp"
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

// The CSV file for Excel keeps the digits of ids, and of no figure that is to be added up; nothing in it computes but what gives an id.
func TestCSVForExcel(t *testing.T) {
	t.Parallel()
	s := sheet{name: "x", header: []string{"device", "text", "bytes"}, numbers: []int{2}, rows: [][]string{
		{"89852026000000000016", "=1+1", "107374182400000"}, {"0012", "12345678901", ""}, {"8985 2026", "-5", "0"}, {"898520260000\"", "２", "1"},
	}}
	var out bytes.Buffer
	if err := s.write(&out, formatCSVExcel); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(bytes.NewReader(out.Bytes()[3:])).ReadAll()
	want := [][]string{s.header, {`="89852026000000000016"`, "'=1+1", "107374182400000"}, {`="0012"`, "12345678901", ""}, {"8985 2026", "'-5", "0"}, {`898520260000"`, "２", "1"}}
	if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%q, %v", got, err)
	}
	if name := s.fileName(formatCSVExcel); name != "x-excel.csv" {
		t.Errorf("the file is %s", name)
	}
}

// Dates stand in files as 2026-02-22, and with their time where the CMP tells one; what is no date stays as it came.
func TestDatesInFiles(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 22, 9, 5, 0, 0, cmp.Zone)
	for want, told := range map[string]cmp.Time{"2026-02-22": {At: at, DateOnly: true, Raw: "20260222"}, "2026-02-22 09:05:00": {At: at, Raw: "20260222090500"}, "soon": {Raw: "soon"}, "": {}} {
		if got := dateCell(told); got != want {
			t.Errorf("%+v is written as %q, want %q", told, got, want)
		}
	}
}

// Both files hold the same cells, ids with all their digits and figures that can be added up. Readers that others wrote
// say so.
func TestFilesHoldTheTable(t *testing.T) {
	t.Parallel()
	s := sheet{name: "x", header: []string{"device", "text", "bytes"}, numbers: []int{2}, rows: [][]string{
		{"89852026000000000016", "日本, \"quoted\"", "1073741824"}, {"0012", "<&>\x01 =1+1", ""}, {"13", "Türkiye", "12"}, {"14", "=1+1", "+1e3"},
	}}
	var out bytes.Buffer
	if err := s.write(&out, formatCSV); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(out.Bytes(), []byte("\xef\xbb\xbfdevice,")) {
		t.Errorf("the file does not say that it is UTF-8: %.20q", out.String())
	}
	got, err := csv.NewReader(bytes.NewReader(out.Bytes()[3:])).ReadAll()
	if want := append([][]string{s.header}, s.rows[:3]...); err != nil || !slices.EqualFunc(got[:4], want, slices.Equal) || got[4][1] != "'=1+1" || got[4][2] != "'+1e3" {
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
	if err != nil || len(rows) != 5 || rows[1][0] != "89852026000000000016" || rows[1][1] != s.rows[0][1] || rows[2][0] != "0012" || rows[2][1] != "<&>\ufffd =1+1" || rows[4][1] != "=1+1" {
		t.Errorf("XLSX %q, %v", rows, err)
	}
	for cell, want := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "C1": excelize.CellTypeInlineString, "C2": excelize.CellTypeUnset, "B5": excelize.CellTypeInlineString} {
		if kind, err := book.GetCellType("Sheet1", cell); err != nil || kind != want {
			t.Errorf("%s is a cell of type %v, want %v, %v", cell, kind, want, err)
		}
	}
	if err := book.SetCellFormula("Sheet1", "E1", "SUM(C2:C5)"); err != nil {
		t.Fatal(err)
	}
	if sum, err := book.CalcCellValue("Sheet1", "E1"); err != nil || sum != "1073741836" {
		t.Errorf("SUM is %s, %v", sum, err)
	}
	if _, err := s.file("pdf"); err == nil {
		t.Error("a PDF was written")
	}
}
