package views

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
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
func (t sheet) xlsx(out *bytes.Buffer) error {
	z := zip.NewWriter(out)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"} {
		if err := addPart(z, name, workbook[name]); err != nil {
			return err
		}
	}
	if err := addPart(z, "xl/worksheets/sheet1.xml", t.sheetXML()); err != nil {
		return err
	}
	return z.Close()
}

func addPart(z *zip.Writer, name, content string) error {
	w, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = w.Write([]byte(content))
	return err
}

func (t sheet) sheetXML() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for i, row := range append([][]string{t.header}, t.rows...) {
		b.WriteString("<row>")
		for column, cell := range row {
			if i > 0 && slices.Contains(t.numbers, column) {
				writeNumber(&b, cell)
			} else {
				writeText(&b, cell)
			}
		}
		b.WriteString("</row>")
	}
	b.WriteString("</sheetData></worksheet>")
	return b.String()
}

// writeNumber writes a cell to be reckoned with. What is no whole number is none, so that it spoils no sum.
func writeNumber(b *strings.Builder, cell string) {
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil {
		b.WriteString("<c/>")
		return
	}
	b.WriteString("<c><v>" + strconv.FormatInt(n, 10) + "</v></c>")
}

func writeText(b *strings.Builder, cell string) {
	b.WriteString(`<c t="inlineStr"><is><t xml:space="preserve">`)
	_ = xml.EscapeText(b, []byte(cell)) // a strings.Builder takes every write
	b.WriteString(`</t></is></c>`)
}
