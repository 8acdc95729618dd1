package views

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
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
	numbers []int // the columns of numbers
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

// file answers with the table in the format asked for: csv or xlsx.
func (t sheet) file(format string) (response, error) {
	var content bytes.Buffer
	var kind string
	var err error
	switch format {
	case "csv":
		kind, err = "text/csv; charset=utf-8", t.csv(&content)
	case "xlsx":
		kind, err = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", t.xlsx(&content)
	default:
		return nil, fault.New(fault.Invalid, "Files are written as csv or xlsx.")
	}
	if err != nil {
		return nil, fmt.Errorf("write %s file: %w", format, err)
	}
	return func(c *gin.Context) {
		c.Header("Content-Disposition", `attachment; filename="`+t.name+"."+format+`"`)
		c.Data(http.StatusOK, kind, content.Bytes())
	}, nil
}

func (t sheet) csv(out *bytes.Buffer) error {
	out.WriteString(byteOrderMark)
	w := csv.NewWriter(out)
	w.UseCRLF = true
	for _, row := range append([][]string{t.header}, t.rows...) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = inert(cell)
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
