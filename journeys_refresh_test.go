package main

import (
	"fmt"
	"math"
	"testing"

	"cmpconsole/internal/testkit"
)

// TestRowIsReadAnewJourney: a device deep in the list, and one among the results of a search, are read anew. With scripts its row alone
// changes: what is ticked, focused and scrolled to stays; without them the page comes back at the row.
func TestRowIsReadAnewJourney(t *testing.T) {
	t.Parallel()
	in := startProgram(t, withDevices(900), withEnv("CMP_SYNC_EVERY", "6h"))
	in.awaitRun(t)
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %t", scripts), func(t *testing.T) {
			t.Parallel()
			open := testkit.OpenTab
			if !scripts {
				open = testkit.OpenPlainTab
			}
			b := open(t, in.url)
			signInAt(b, "support")
			for path, row := range map[string]string{"/devices?sort=-id&lifecycle=2": "main tbody tr:nth-child(40)", "/search?q=8985": "#results section:nth-of-type(2) li:nth-child(20)"} {
				b.Open(path)
				id := testkit.Eval[string](b, fmt.Sprintf("document.querySelector(%q).dataset.id", row))
				if path[:2] == "/d" {
					b.Click("main tbody tr:nth-child(39) .tick-row input")
				}
				button := row + " .renew"
				testkit.Eval[bool](b, fmt.Sprintf("(e => (e.scrollIntoView({block: 'center'}), e.focus({preventScroll: true}), window.stays = true))(document.querySelector(%q))", button))
				place := fmt.Sprintf("document.querySelector(%q).getBoundingClientRect().top", button)
				before := testkit.Eval[float64](b, place)
				if !scripts {
					b.Go(button, `location.hash.endsWith(`+testkit.Quote(id)+`) && location.href.startsWith(location.origin + `+testkit.Quote(path[:9])+`)`)
					b.Check(fmt.Sprintf("(r => r.top >= 0 && r.bottom <= innerHeight)(document.querySelector(%q).getBoundingClientRect())", button))
					continue
				}
				b.Press("\r")
				b.Until(fmt.Sprintf(`document.querySelector(%q).innerText.includes("Confirmed ") && document.querySelector("#live").innerText.startsWith("Confirmed ")`, row))
				b.Check(`window.stays && location.pathname + location.search === ` + testkit.Quote(path))
				b.Check(fmt.Sprintf("document.activeElement === document.querySelector(%q) && !document.activeElement.matches('[aria-busy]')", button))
				b.Check(fmt.Sprintf("document.querySelector(%q).dataset.id === %q && document.querySelectorAll('main [data-announce].said').length === 1", row, id))
				if path[:2] == "/d" {
					b.Check("document.querySelector('main tbody tr:nth-child(39) .tick-row input').checked")
				}
				if after := testkit.Eval[float64](b, place); math.Abs(after-before) > 16 { // the row has a line more, and is centred
					t.Errorf("%s: what was pressed has moved from %v to %v", path, before, after)
				}
			}
		})
	}
}
