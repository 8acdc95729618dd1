package views

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
)

// The parts of a workbook that never change (ECMA-376, Part 1). A library for this would make the console's file
// half as large again, for one table of texts.
var workbook = map[string]string{
	"[Content_Types].xml": `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
	"_rels/.rels": `<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
	"xl/workbook.xml": `<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
	"xl/_rels/workbook.xml.rels": `<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
}

// xlsx writes the table as a workbook of one sheet.
func (t sheet) xlsx(out io.Writer) error {
	z := zip.NewWriter(out)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"} {
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, workbook[name]); err != nil {
			return err
		}
	}
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	if err := t.writeSheet(w); err != nil {
		return err
	}
	return z.Close()
}

func (t sheet) writeSheet(w io.Writer) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	head := true
	err := t.eachRow(func(row []string) error {
		_, _ = b.WriteString("<row>")
		for column, cell := range row {
			if !head && slices.Contains(t.numbers, column) {
				writeNumber(b, cell)
			} else {
				writeText(b, cell)
			}
		}
		head = false
		_, err := b.WriteString("</row>")
		return err
	})
	_, _ = b.WriteString("</sheetData></worksheet>")
	return errors.Join(err, b.Flush())
}

// writeNumber writes a cell to be reckoned with. What is no whole number is none, so that it spoils no sum.
func writeNumber(b *bufio.Writer, cell string) {
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil {
		_, _ = b.WriteString("<c/>")
		return
	}
	_, _ = b.WriteString("<c><v>" + strconv.FormatInt(n, 10) + "</v></c>")
}

func writeText(b *bufio.Writer, cell string) {
	_, _ = b.WriteString(`<c t="inlineStr"><is><t xml:space="preserve">`)
	_ = xml.EscapeText(b, []byte(cell)) // a writer keeps its error until it is flushed
	_, _ = b.WriteString(`</t></is></c>`)
}
