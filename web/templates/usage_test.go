package templates_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

func usage() templates.Usage {
	u := templates.Usage{Head: device().Head, Action: "/devices/" + deviceID + "/usage", From: "2026-10-26", Until: "2026-11-24", History: "The CMP keeps 180 days.",
		Title: "19 GB in 30 days", Summary: "647.1 MB a day", Unit: "GB a day", Total: 1, CSVHref: "#", XLSXHref: "#", Read: moment("02:00:00")}
	var points []ui.Point
	for i := range 30 {
		name := fmt.Sprintf("%d Sep", i+1)
		points = append(points, ui.Point{Value: float64(i%7) + 0.5, Name: name, Title: name})
		u.Days = append(u.Days, templates.UsageDay{Day: name, Volume: "1 GB", Records: "3"})
	}
	u.Chart = ui.Bars("Data a day in GB", points)
	u.Networks = []templates.UsageShare{{Name: "United Arab Emirates 424-02", Volume: "11.2 GB", Meter: ui.Meter{Known: true, Percent: 59, Text: "59 %"}}}
	u.APNs = []templates.UsageShare{{Name: "&&&internet&0&&3&3,&&&ca.ntt.com&0&&3&3", Volume: "7.8 GB", Meter: ui.Meter{Known: true, Percent: 41, Text: "41 %"}}}
	u.Records = []templates.UsageRecord{{Start: moment("23 Nov 2026, 22:39"), Volume: "1.1 GB", Lasted: "not stated", Network: "United Arab Emirates 424-02", Access: "NB-IoT",
		APN: "&&&internet&0&&3&3", Plan: "LP14230912003377", IMSI: "454061234567890", MSISDN: "8613900012345"}}
	return u
}

// On every width the words of the chart are large enough to read and apart from each other, it stays in its card, names
// are not cut, and every cell of the sessions can be reached.
func TestUsageFitsEveryWidth(t *testing.T) {
	t.Parallel()
	s, tab := newStage(t), browser(t)
	for _, width := range []int64{1440, 800, 390, 320} {
		if err := chromedp.Do(tab, chromedp.EmulateViewport(width, 844)); err != nil {
			t.Fatal(err)
		}
		open(t, tab, s.URL+"/sample/usage")
		for what, expression := range map[string]string{
			"words of the chart below 10 px":  `words.filter(w => w.height < 10).length`,
			"words of the chart that overlap": `words.filter((a, i) => words.some((b, j) => j > i && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length`,
			"bars outside of their card":      `[...document.querySelectorAll(".chart rect")].filter(r => r.getBoundingClientRect().right > card.right || r.getBoundingClientRect().width < 1).length`,
			"names that are cut":              `[...document.querySelectorAll(".shares td.grow")].filter(c => c.scrollWidth > c.clientWidth).length`,
			"cells that are gone":             `[...document.querySelectorAll(".sessions td, .sessions td *")].filter(c => c.getClientRects().length === 0).length`,
			"pixels to the side":              `Math.max(0, document.documentElement.scrollWidth - innerWidth)`,
			"charts without words":            `words.length > 5 ? 0 : 1`,
		} {
			n := eval[int](t, tab, `(() => {
				const card = document.querySelector(".chart").closest(".card").getBoundingClientRect();
				const words = [...document.querySelectorAll(".chart text")].map(w => w.getBoundingClientRect()).filter(r => r.width > 0);
				return `+expression+`; })()`)
			if n != 0 {
				t.Errorf("at %d px: %d %s", width, n, what)
			}
		}
	}
}
