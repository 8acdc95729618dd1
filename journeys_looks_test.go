package main

import (
	"testing"

	"cmpconsole/internal/testkit"
)

// look is a screen and a taste.
type look struct {
	name          string
	width, height int64
	dark          bool
}

var looks = []look{
	{"1440-light", 1440, 900, false}, {"1440-dark", 1440, 900, true}, {"390-light", 390, 844, false}, {"390-dark", 390, 844, true},
}

// TestEveryPage judges every page in each of its states, wide and narrow, light and dark: nothing that axe
// objects to, no scrolling sideways, nothing to hit that is too small, nothing cut off.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	g := newGallery(t)
	manager, admin := g.otherSights()
	for _, group := range []struct {
		name, role string
		sights     []sight
	}{
		{"door", "", g.doorSights()},
		{"lists", "support", append(g.lists(), g.troubles()...)},
		{"things", "support", append(g.things(), g.askings()...)},
		{"callbacks", "support", g.pushSights()},
		{"auditor", "auditor", g.auditorSights(t)},
		{"manager", "manager", manager},
		{"admin", "admin", append(admin, g.erasureSights(t)...)},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			b := testkit.OpenTab(t, g.url)
			if group.role != "" {
				signInAt(b, group.role)
			}
			for _, s := range group.sights {
				s.show(b)
				for _, l := range looks {
					b.Screen(l.width, l.height, l.dark)
					judgeLook(t, b, s.name+" at "+l.name)
				}
				b.Screen(1440, 900, false)
			}
		})
	}
}

func judgeLook(t *testing.T, b *testkit.Tab, name string) {
	t.Helper()
	for _, v := range b.Axe() {
		t.Errorf("%s: %s", name, v)
	}
	if wide := testkit.Eval[string](b, tooWide); wide != "" {
		t.Errorf("%s: scrolls sideways: %s", name, wide)
	}
	if crowded := testkit.Eval[string](b, tooClose); crowded != "" {
		t.Errorf("%s: too close to what stands above: %s", name, crowded)
	}
	for _, small := range testkit.Eval[[]string](b, tooSmall) {
		t.Errorf("%s: too small to hit: %s", name, small)
	}
}

// tooWide names what makes the page wider than the screen. A phone's innerWidth is no measure: it grows with the page.
const tooWide = `document.scrollingElement.scrollWidth <= document.documentElement.clientWidth ? "" : document.scrollingElement.scrollWidth + " px: " +
	[...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join(" | ")`

// tooClose names the parts of a page that touch or cover the one above.
const tooClose = `[...document.querySelectorAll("main > section")].filter((e) => e.previousElementSibling && e.checkVisibility() &&
	e.getBoundingClientRect().top - e.previousElementSibling.getBoundingClientRect().bottom < 8).map((e) => e.outerHTML.slice(0, 160)).join(" | ")`

// tooSmall names the controls under 24 px. Of links axe judges the size together with the distance to their neighbours.
const tooSmall = `[...document.querySelectorAll("button, input, select, textarea, summary, a.button, .nav a, .act a")]
	.filter((e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && e.type !== "hidden" && !e.closest("label"))
	.map((e) => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.width > 1 && (r.width < 24 || r.height < 24))
	.map(([e, r]) => Math.round(r.width) + "×" + Math.round(r.height) + " " + e.outerHTML.slice(0, 160))`

// TestNothingIsHidden: what is found hangs under the box, whatever stands above it on a phone, and what is said of a pasted
// line is there whole on every screen. What was forgotten in the list of devices is told where the eye is led.
func TestNothingIsHidden(t *testing.T) {
	t.Parallel()
	in := startProgram(t, withDevices(100), withEnv("CMP_SYNC_EVERY", "6h"))
	in.awaitRun(t)
	b := testkit.OpenTab(t, in.url)
	signInAt(b, "support")
	b.Open("/selections")
	testkit.Eval[bool](b, `(document.querySelector("#many").value = "8.9852E+19", true)`)
	b.Go("main form button[type=submit]", `location.pathname.startsWith("/selections/")`)
	for _, l := range looks {
		b.Screen(l.width, l.height, l.dark)
		b.Check(`[...document.querySelectorAll("td.remark")].every(e => e.checkVisibility() && e.scrollWidth <= e.clientWidth)`)
		b.Check(shows("Give the column the format Text before the numbers get into it"))
	}
	b.Screen(390, 844, false)
	b.Open("/")
	testkit.Eval[bool](b, `(document.querySelector(".top").before("A banner ".repeat(12)), true)`)
	b.Type("#q", "8985")
	b.Until(`document.querySelector("#found .hits") !== null`)
	b.Check(`document.querySelector("#found").getBoundingClientRect().top >= document.querySelector("#q").getBoundingClientRect().bottom`)
	b.Check("(" + tooWide + `) === ""`)
	b.Open("/devices?sort=-expires")
	b.Go(`button[name=which][value=ticked]`, at("/devices")+" && "+shows("Nothing was ticked"))
	b.Check(`document.activeElement.matches(".bulk-wrong") && location.search.includes("sort=-expires")`)
	judgeLook(t, b, "nothing ticked")
}
