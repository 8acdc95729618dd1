package views

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates"
)

func TestVolume(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		bytes int64
		want  string
	}{
		{0, "0 bytes"}, {1023, "1023 bytes"}, {1024, "1 kB"}, {1536, "1.5 kB"}, {30720 << 20, "30 GB"}, {19397607 << 10, "18.5 GB"}, {300 << 20, "300 MB"},
	} {
		if got := volume(cmp.Volume{Bytes: tt.bytes, Known: true}); got != tt.want {
			t.Errorf("%d: %q, want %q", tt.bytes, got, tt.want)
		}
	}
	if got := volume(cmp.Volume{}); got != "not stated" {
		t.Errorf("unknown: %q", got)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 48120: "48,120", 1204811: "1,204,811", -1000: "-1,000"} {
		if got := number(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// A date of the CMP must not slip by a day in the operator's zone, and what is known of its zone is said.
func TestTimesOfTheCMP(t *testing.T) {
	t.Parallel()
	la, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	k := clock{zone: la, now: time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)} // the 24th in UTC+8
	day := cmp.Time{At: time.Date(2026, 11, 25, 0, 0, 0, 0, cmp.Zone), DateOnly: true, Raw: "20261125"}
	if m := k.upstream(day); m.Text != "25 Nov 2026" || m.Machine != "2026-11-25" {
		t.Errorf("day %+v", m)
	}
	if got := k.days(day); got != "tomorrow" {
		t.Errorf("days %q", got)
	}
	moment := cmp.Time{At: time.Date(2026, 11, 25, 1, 0, 0, 0, cmp.Zone), Raw: "20261125010000"}
	if m := k.upstream(moment); m.Text != "24 Nov 2026, 09:00" {
		t.Errorf("moment %+v", m)
	}
	utc := cmp.Time{At: time.Date(2026, 11, 24, 17, 0, 0, 0, time.UTC), Raw: "2026-11-24T17:00:00Z", Stated: true}
	stated := moment
	stated.Stated = true
	for want, t0 := range map[string]cmp.Time{
		"2026-11-25 (zone not stated, UTC+8 assumed)":                                                           day,
		"2026-11-24 09:00:00 PST (UTC-08:00) · at the CMP 2026-11-25 01:00:00 (zone not stated, UTC+8 assumed)": moment,
		"2026-11-24 09:00:00 PST (UTC-08:00) · at the CMP 2026-11-25 01:00:00 UTC+8":                            stated,
		"2026-11-24 09:00:00 PST (UTC-08:00) · at the CMP 2026-11-24 17:00:00 UTC+00:00":                        utc,
	} {
		if m := k.upstream(t0); m.Exact != want {
			t.Errorf("%s on hover: %q, want %q", t0.Raw, m.Exact, want)
		}
	}
	if m := k.upstream(cmp.Time{Raw: "soon"}); m.Text != "soon" {
		t.Errorf("unreadable %+v", m)
	}
	if m := k.upstream(cmp.Time{}); m.Text != "" {
		t.Errorf("none %+v", m)
	}
}

func TestZoneCookie(t *testing.T) {
	t.Parallel()
	s := &Server{Deps: Deps{Now: time.Now}}
	for value, want := range map[string]string{"": "UTC", "Asia/Shanghai": "Asia/Shanghai", "Local": "UTC", "../../etc/passwd": "UTC", "Mars/Olympus": "UTC", "%00": "UTC"} {
		if got := s.clock(requested(t, "/", "zone", value)).zone.String(); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// However many spellings of zones browsers send, a bounded number is remembered.
func TestZonesAreBounded(t *testing.T) {
	t.Parallel()
	var z zones
	for i := range 2 * maxZones {
		if zone, err := z.load("Asia/" + strings.Repeat("/", i) + "Shanghai"); err != nil || zone == nil {
			t.Fatal(err)
		}
	}
	if n := len(z.loaded); n > maxZones {
		t.Errorf("%d zones", n)
	}
}

func TestLocalPath(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/orders?status=5": "/orders?status=5", "": "/", "https://evil.example": "/", "//evil.example": "/", "/\\evil.example": "/",
		"/a\r\nSet-Cookie: x": "/", "orders": "/", "/login?next=/": "/", "/logout": "/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("%q: %q, want %q", next, got, want)
		}
	}
}

func TestPager(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		page, total, shown int
		from, to           string
		previous, next     string
	}{
		{1, 120, 50, "1", "50", "", "/orders?page=2&status=5"},
		{2, 120, 50, "51", "100", "/orders?page=1&status=5", "/orders?page=3&status=5"},
		{3, 120, 20, "101", "120", "/orders?page=2&status=5", ""},
		{9, 120, 0, "", "", "/orders?page=8&status=5", ""},
		{1, 0, 0, "", "", "", ""},
	} {
		p := pager("/orders", tt.page, tt.total, tt.shown, "status", "5")
		if p.From != tt.from || p.To != tt.to || p.PreviousHref != tt.previous || p.NextHref != tt.next {
			t.Errorf("page %d of %d: %+v", tt.page, tt.total, p)
		}
	}
}

// Walking to older rows and back shows every row once in each direction.
func TestAuditPages(t *testing.T) {
	t.Parallel()
	rowsOf := func(from, to int64) (rows []audit.Row, view templates.AuditList) {
		for seq := from; seq >= to; seq-- {
			rows = append(rows, audit.Row{Seq: seq})
			view.Rows = append(view.Rows, templates.AuditRow{Seq: fmt.Sprint(seq)})
		}
		return rows, view
	}
	for _, tt := range []struct {
		name         string
		filter       audit.Filter
		from, to     int64 // rows that the log gave, newest first
		first, last  string
		newer, older string
	}{
		{"newest", audit.Filter{}, 120, 70, "120", "71", "", "/audit?before=71"},
		{"older", audit.Filter{Before: 71}, 70, 20, "70", "21", "/audit?after=70", "/audit?before=21"},
		{"oldest", audit.Filter{Before: 21}, 20, 1, "20", "1", "/audit?after=20", ""},
		{"back", audit.Filter{After: 20}, 71, 21, "70", "21", "/audit?after=70", "/audit?before=21"},
		{"back at the newest", audit.Filter{After: 70}, 120, 71, "120", "71", "", "/audit?before=71"},
	} {
		rows, view := rowsOf(tt.from, tt.to)
		auditPages(&view, tt.filter, rows)
		if first, last := view.Rows[0].Seq, view.Rows[len(view.Rows)-1].Seq; first != tt.first || last != tt.last || view.NewerHref != tt.newer || view.OlderHref != tt.older {
			t.Errorf("%s: rows %s to %s, newer %q, older %q", tt.name, first, last, view.NewerHref, view.OlderHref)
		}
	}
}

func TestWhatSearchTakesTextFor(t *testing.T) {
	t.Parallel()
	for text, order := range map[string]bool{
		"ORDER_1700000000000000001": true, "L201901290000000533": true, "202107061625560742397": true,
		"89852026000000000016": false, "8985 2026": false, "日本": false, "a b": false, "12345": false,
	} {
		if got := looksLikeOrder(text); got != order {
			t.Errorf("%q: an order id %v, want %v", text, got, order)
		}
	}
	if got := compact(" 8985 2026-0000\u00a00000\t0016\n"); got != "89852026000000000016" {
		t.Errorf("compact: %q", got)
	}
	if h := marked("89852026000000000016", "2026"); h.Before != "8985" || h.Match != "2026" || h.After != "000000000016" {
		t.Errorf("hit %+v", h)
	}
}
