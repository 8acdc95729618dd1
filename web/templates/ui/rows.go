package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"cmpconsole/web/static"
)

// Column is a column of a long table: the classes of its cells, and where they stand on a phone.
type Column struct {
	Title, Class, Phone string
	OnPhone             bool
	SortHref            string // empty: the table cannot be sorted by it
	Sorted              string // ascending, descending or empty
}

// Row is a row of a long table, which begins with an identifier that leads to its own page.
type Row struct {
	ID, Href string
	Ticked   bool   // it is, when the page is opened
	Tick     string // the name under which a form sends its id when it is ticked; empty: it cannot be
	Mark     Badge  // beside the id
	Renew    string // where the row is read anew; empty: it cannot be
	Note     Moment // beside the id, as an age
	Said     Said   // what reading it anew has led to
	Cells    []Cell // one a column
}

// Cell is what stands in a cell: the first of its fields that is set, or a dash.
type Cell struct {
	Badge  *Badge
	Meter  Meter
	Moment Moment
	ID     string
	Tags   []Tag
	Text   string
}

// Tag is a small label that leads somewhere.
type Tag struct{ Text, Href string }

// Rows writes the rows of a long table. It appends instead of calling components, which is several times as fast where
// fifty rows are most of a page; the same tests of escaping hold for both.
func Rows(columns []Column, rows []Row) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		b := make([]byte, 0, 4096)
		for i := range rows {
			b = appendRow(b[:0], columns, &rows[i])
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
		return nil
	})
}

func appendRow(b []byte, columns []Column, r *Row) []byte {
	b = append(b, `<tr data-id="`...)
	b = appendText(b, r.ID)
	b = append(b, `"><td class="lead" data-phone>`...)
	if r.Tick != "" {
		b = append(b, `<label class="tick-row"><input type="checkbox" name="`...)
		b = appendText(b, r.Tick)
		b = append(b, `" value="`...)
		b = appendText(b, r.ID)
		b = append(b, `" aria-label="Tick `...)
		b = appendText(b, r.ID)
		if b = append(b, '"'); r.Ticked {
			b = append(b, ` checked`...)
		}
		b = append(b, `></label>`...)
	}
	b = appendIDLink(b, r.ID, r.Href)
	if r.Mark.Word != "" {
		b = appendBadge(append(b, ' '), &r.Mark)
	}
	if r.Renew != "" {
		b = appendRenew(append(b, ' '), &Renew{Anchor: RowAnchor(r.ID), Href: r.Renew, Of: r.ID})
	}
	if r.Note.Text != "" {
		b = append(b, `<span class="age stale">`...)
		b = appendIcon(b, "clock")
		b = appendMoment(b, r.Note)
		b = append(b, `</span>`...)
	}
	b = appendSaid(b, &r.Said)
	b = append(b, `</td>`...)
	for i := range r.Cells {
		b = appendCell(b, &columns[i], &r.Cells[i])
	}
	return append(b, `</tr>`...)
}

func appendCell(b []byte, col *Column, c *Cell) []byte {
	b = append(b, `<td`...)
	if col.Class != "" {
		b = append(append(append(b, ` class="`...), col.Class...), '"')
	}
	if col.OnPhone {
		b = append(append(append(b, ` data-phone="`...), col.Phone...), '"')
	}
	if c.Text != "" {
		b = append(b, ` title="`...)
		b = append(appendText(b, c.Text), '"')
	}
	b = append(b, '>')
	switch {
	case c.Badge != nil:
		b = appendBadge(b, c.Badge)
	case c.Meter.Known:
		b = appendMeter(b, &c.Meter)
	case c.Moment.Text != "":
		b = appendMoment(b, c.Moment)
	case c.ID != "":
		b = appendIDLink(b, c.ID, "")
	case len(c.Tags) > 0:
		b = appendTags(b, c.Tags)
	case c.Text != "":
		b = append(b, `<bdi>`...)
		b = append(appendText(b, c.Text), `</bdi>`...)
	default:
		b = append(b, dash...)
	}
	return append(b, `</td>`...)
}

const dash = `<span class="soft">–</span>`

// appendTags writes small labels beside each other.
func appendTags(b []byte, tags []Tag) []byte {
	b = append(b, `<span class="labels">`...)
	for _, t := range tags {
		b = append(b, `<a class="label" href="`...)
		b = appendText(b, string(templ.URL(t.Href)))
		b = append(b, `"><bdi>`...)
		b = append(appendText(b, t.Text), `</bdi></a>`...)
	}
	return append(b, `</span>`...)
}

// appendIDLink writes what IDLink does.
func appendIDLink(b []byte, id, href string) []byte {
	if href == "" {
		b = append(b, `<span class="id" translate="no">`...)
		return append(appendID(b, id), `</span>`...)
	}
	b = append(b, `<a class="id link" translate="no" href="`...)
	b = appendText(b, string(templ.URL(href)))
	b = append(b, `">`...)
	return append(appendID(b, id), `</a>`...)
}

func appendID(b []byte, id string) []byte {
	b = append(b, `<bdi>`...)
	parts := groups(id)
	for _, part := range parts {
		if len(parts) > 1 {
			b = append(b, `<span>`...)
		}
		if b = appendText(b, part); len(parts) > 1 {
			b = append(b, `</span>`...)
		}
	}
	return append(b, `</bdi>`...)
}

// appendBadge writes what BadgeView does.
func appendBadge(b []byte, badge *Badge) []byte {
	if badge.Word == "" {
		return b
	}
	b = append(b, `<span class="badge`...)
	if badge.Tone != "" {
		b = appendText(append(b, ' '), badge.Tone)
	}
	if badge.Plain {
		b = append(b, ` plain`...)
	}
	b = append(b, '"')
	for name, value := range hook(*badge) {
		b = append(append(append(b, ' '), name...), `="`...)
		b = append(appendText(b, value.(string)), '"')
	}
	b = append(b, '>')
	if badge.Icon != "" {
		b = appendIcon(b, badge.Icon)
	}
	b = append(b, `<bdi>`...)
	return append(appendText(b, badge.Word), `</bdi></span>`...)
}

// appendRenew writes what RenewButton does.
func appendRenew(b []byte, r *Renew) []byte {
	b = append(b, `<button class="renew" form="renew" formaction="`...)
	b = append(appendText(b, r.Href), `" id="`...)
	b = append(appendText(b, r.Anchor), '"')
	if r.In != "" {
		b = append(b, ` name="in" value="`...)
		b = append(appendText(b, r.In), '"')
	}
	b = append(b, ` title="Refresh `...)
	b = append(appendText(b, r.Of), `">`...)
	return append(appendIcon(b, "refresh-cw"), `</button>`...)
}

// appendSaid writes what SaidView does.
func appendSaid(b []byte, s *Said) []byte {
	if s.Text == "" {
		return b
	}
	b = append(b, `<span class="`...)
	b = append(append(b, classes("said", s.Tone)...), `" data-announce>`...)
	b = append(appendIcon(b, s.icon()), `<bdi>`...)
	return append(appendText(b, s.Text), `</bdi></span>`...)
}

// appendMeter writes what MeterView does.
func appendMeter(b []byte, m *Meter) []byte {
	b = append(b, `<span class="metered"><svg class="meter`...)
	if m.Tone != "" {
		b = appendText(append(b, ' '), m.Tone)
	}
	b = append(b, `" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="6"></rect><rect class="fill" width="`...)
	b = append(b, width(m.Percent)...)
	b = append(b, `" height="6"></rect></svg><span class="small soft">`...)
	return append(appendText(b, m.Text), `</span></span>`...)
}

// appendMoment writes what MomentView does.
func appendMoment(b []byte, m Moment) []byte {
	end := `</time>`
	if m.Machine == "" {
		b, end = append(b, `<bdi title="`...), `</bdi>`
	} else {
		b = append(b, `<time datetime="`...)
		b = append(appendText(b, m.Machine), `" title="`...)
	}
	b = append(appendText(b, m.Exact), `">`...)
	return append(appendText(b, m.Text), end...)
}

// appendIcon writes what Icon does.
func appendIcon(b []byte, name string) []byte {
	b = append(b, `<svg class="icon" aria-hidden="true"><use href="`...)
	b = append(append(b, static.URL("icons.svg")...), '#')
	return append(appendText(b, name), `"></use></svg>`...)
}

// appendText writes a text as content or as a quoted attribute.
func appendText(b []byte, s string) []byte {
	if !strings.ContainsAny(s, `&<>"'`) {
		return append(b, s...)
	}
	return append(b, templ.EscapeString(s)...)
}
