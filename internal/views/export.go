package views

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/fault"
)

// sheet is a table that leaves as a file. A cell is text unless its column is of numbers, which can be added up: a
// spreadsheet that takes an ICCID for a number loses its last digits.
type sheet struct {
	name    string // of the file, without its ending
	header  []string
	rows    [][]string
	numbers []int                                      // the columns of numbers
	each    func(write func(row []string) error) error // the rows of a table too long to be held; then rows is empty
}

// eachRow visits the header and all rows.
func (t sheet) eachRow(write func(row []string) error) error {
	for _, row := range append([][]string{t.header}, t.rows...) {
		if err := write(row); err != nil {
			return err
		}
	}
	if t.each == nil {
		return nil
	}
	return t.each(write)
}

// byteOrderMark tells Excel that a CSV file is UTF-8; without it "Türkiye" is read as the machine's old code page.
const byteOrderMark = "\ufeff"

// formula are the characters with which a spreadsheet begins to compute, their full-width forms included.
const formula = "=+-@\t\r\n\x00＝＋－＠"

// inert keeps a spreadsheet from computing a text that somebody else wrote.
func inert(cell string) string {
	if strings.ContainsRune(formula, firstRune(cell)) {
		return "'" + cell
	}
	return cell
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 'x'
}

// The formats of files. One of csvExcel has ids as Excel keeps them whole, ="8985…", which other programs take for more than the id; one of
// csv has them bare.
const (
	formatCSV      = "csv"
	formatCSVExcel = "csv-excel"
	formatXLSX     = "xlsx"
)

// sheetKinds are the formats with their content types.
var sheetKinds = map[string]string{formatCSV: "text/csv; charset=utf-8", formatCSVExcel: "text/csv; charset=utf-8", formatXLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

var errSheetFormat = fault.New(fault.Invalid, "Files are written as csv, csv-excel or xlsx.")

func (t sheet) write(out io.Writer, format string) error {
	switch format {
	case formatCSV:
		return t.csv(out, inert)
	case formatCSVExcel:
		return t.csv(out, asText)
	}
	return t.xlsx(out)
}

// fileName is the name of the file in a format.
func (t sheet) fileName(format string) string {
	if format == formatCSVExcel {
		return t.name + "-excel.csv"
	}
	return t.name + "." + format
}

// longestNumber is how many digits Excel shows of a number before it writes it with an exponent.
const longestNumber = 11

// asText keeps Excel from taking digits for a number: it would round the longer ones and drop zeros in front. Other texts are inert.
func asText(cell string) string {
	if cell == "" || strings.Trim(cell, "0123456789") != "" || len(cell) <= longestNumber && cell[0] != '0' {
		return inert(cell)
	}
	return `="` + cell + `"`
}

// file answers with the table in the format asked for.
func (t sheet) file(format string) (response, error) {
	var content bytes.Buffer
	kind, ok := sheetKinds[format]
	if !ok {
		return nil, errSheetFormat
	}
	if err := t.write(&content, format); err != nil {
		return nil, fmt.Errorf("write %s file: %w", format, err)
	}
	return func(c *gin.Context) {
		c.Header("Content-Disposition", `attachment; filename="`+t.fileName(format)+`"`)
		c.Data(http.StatusOK, kind, content.Bytes())
	}, nil
}

// csv writes the table with its cells made safe; the columns of numbers stay as they are.
func (t sheet) csv(out io.Writer, safe func(cell string) string) error {
	if _, err := io.WriteString(out, byteOrderMark); err != nil {
		return err
	}
	w := csv.NewWriter(out)
	w.UseCRLF = true
	err := t.eachRow(func(row []string) error {
		cells := make([]string, len(row))
		for i, cell := range row {
			if cells[i] = safe(cell); slices.Contains(t.numbers, i) {
				cells[i] = inert(cell)
			}
		}
		return w.Write(cells)
	})
	w.Flush()
	return errors.Join(err, w.Error())
}
