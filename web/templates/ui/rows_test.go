package ui

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

const nasty = `"><script>alert(1)</script><img src=x onerror=alert(1)> javascript:alert(1) '&amp;`

// What is appended is to the byte what the components write, hostile texts included.
func TestAppendedAsTheComponents(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "89852026000000000016", "ORDER_1", "单卡", "a & b", nasty, "javascript:alert(1)"} {
		for _, href := range []string{"", "/devices/1?a=b&c=d", "javascript:alert(1)", nasty} {
			if got, want := string(appendIDLink(nil, text, href)), markup(t, IDLink(text, href)); got != want {
				t.Errorf("id %q %q:\n%s\n%s", text, href, got, want)
			}
		}
		for _, tone := range []string{"", "good", nasty} {
			for _, b := range []Badge{{Word: text, Tone: tone, Icon: "ban"}, {Word: text, Tone: tone, Hook: "status", Value: text, Plain: true}, {Word: text, Hook: nasty, Value: text}} {
				if got, want := string(appendBadge(nil, &b)), markup(t, BadgeView(b)); got != want {
					t.Errorf("badge %+v:\n%s\n%s", b, got, want)
				}
			}
			m := Meter{Known: true, Percent: 163, Text: text, Tone: tone}
			if got, want := string(appendMeter(nil, &m)), markup(t, MeterView(m)); got != want {
				t.Errorf("meter:\n%s\n%s", got, want)
			}
		}
		for _, m := range []Moment{{Text: "x" + text, Exact: text, Machine: text}, {Text: "x" + text, Exact: text}} {
			if got, want := string(appendMoment(nil, m)), markup(t, MomentView(m)); got != want {
				t.Errorf("moment:\n%s\n%s", got, want)
			}
		}
	}
	for _, text := range []string{"89852026000000000016", nasty} {
		for _, r := range []Renew{{Anchor: "r" + text, Href: "/devices/1/refresh", Of: text}, {Anchor: text, Href: text, Of: text, In: text}} {
			if got, want := string(appendRenew(nil, &r)), markup(t, RenewButton(r)); got != want {
				t.Errorf("renew:\n%s\n%s", got, want)
			}
		}
		for _, s := range []Said{{}, {Text: text}, {Text: text, Tone: "good"}, {Text: text, Tone: "bad"}} {
			if got, want := string(appendSaid(nil, &s)), markup(t, SaidView(s)); got != want {
				t.Errorf("said:\n%s\n%s", got, want)
			}
		}
	}
	if markup(t, Dash()) != dash {
		t.Error("the dash is another one")
	}
}

// A mark does not stick to the id, as it is seen and as it is copied.
func TestMarksStandApart(t *testing.T) {
	t.Parallel()
	row := string(appendRow(nil, nil, &Row{ID: "89852026000000000016", Mark: Badge{Word: "gone"}}))
	if !strings.Contains(row, `</span> <span class="badge`) {
		t.Error(row)
	}
}

// No text gets out of its place in a row, whatever it is.
func TestRowsOfHostileTexts(t *testing.T) {
	t.Parallel()
	badge := Badge{Word: nasty, Icon: nasty, Tone: nasty, Hook: "status", Value: nasty}
	row := Row{ID: nasty, Href: "javascript:alert(1)", Tick: nasty, Mark: badge, Renew: nasty, Said: Said{Text: nasty}, Note: Moment{Text: nasty, Exact: nasty, Machine: nasty}, Cells: []Cell{
		{Badge: &badge}, {Meter: Meter{Known: true, Text: nasty, Tone: nasty}}, {Moment: Moment{Text: nasty, Exact: nasty}}, {ID: nasty}, {Tags: []Tag{{nasty, "javascript:alert(1)"}}}, {Text: nasty}, {},
	}}
	doc, err := html.Parse(strings.NewReader("<table>" + markup(t, Rows(make([]Column, len(row.Cells)), []Row{row})) + "</table>"))
	if err != nil {
		t.Fatal(err)
	}
	cells, texts := 0, ""
	for n := range doc.Descendants() {
		switch {
		case n.Type == html.TextNode:
			texts += n.Data
		case n.Data == "td":
			cells++
		case n.Data == "img" || n.Data == "script":
			t.Errorf("markup came through as <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "href" && strings.HasPrefix(a.Val, "javascript:") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
	if cells != 8 || strings.Count(texts, nasty) != 10 {
		t.Errorf("%d cells, %d texts: %s", cells, strings.Count(texts, nasty), texts)
	}
}
