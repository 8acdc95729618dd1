package main

import (
	"fmt"
	"strings"
	"testing"

	"cmpconsole/internal/testkit"
)

// worksAt are the numbers of the page that open lists of devices, orders and messages.
const worksAt = `[...document.querySelectorAll("main a.line, main .split-table a")].filter(a => a.getAttribute("href").startsWith("/")).map(a =>
	a.getAttribute("href") + " " + (a.querySelector(".count") ?? a).innerText.replaceAll(",", ""))`

// TestHomeJourney follows every number of home to its list, and from there on to the fleet's lifecycle, with the scripts
// of the pages and without them: each list has as many as the number said.
func TestHomeJourney(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %t", scripts), func(t *testing.T) {
			t.Parallel()
			in := startProgram(t, withEnv("CMP_SYNC_EVERY", "6h"))
			in.awaitRun(t)
			open := testkit.OpenTab
			if !scripts {
				open = testkit.OpenPlainTab
			}
			b := open(t, in.url)
			signInAt(b, "manager")
			b.Check(shows("Quota and expiry come first") + ` && document.querySelector("main [data-total]").dataset.total === "400"`)
			if scripts {
				wantAccessible(t, b)
			}
			follow(t, b, 20)
			b.Open("/")
			b.Go(`main a[href="/lifecycle"]`, at("/lifecycle")+` && document.querySelector("main [data-total]").dataset.total === "400"`)
			if scripts {
				wantAccessible(t, b)
			}
			b.Go(`main .split-table a`, at("/devices")+" && location.search !== ''")
			b.Open("/lifecycle?partner=DE00000033")
			if n := testkit.Eval[int](b, worksAt+".length"); n < 10 {
				t.Errorf("a partner's lifecycle has %d numbers", n)
			}
		})
	}
}

// follow opens the list of each number of the page.
func follow(t *testing.T, b *testkit.Tab, least int) {
	t.Helper()
	numbers := testkit.Eval[[]string](b, worksAt)
	if len(numbers) < least {
		t.Errorf("%d numbers: %q", len(numbers), numbers)
	}
	for _, number := range numbers {
		href, count, _ := strings.Cut(number, " ")
		b.Open(href)
		if total := testkit.Eval[string](b, `document.querySelector("main [data-total]").dataset.total`); total != count {
			t.Errorf("%s: the number is %s, and the list has %s", href, count, total)
		}
	}
}

// wantAccessible looks at the page as a phone shows it in the dark, and as a desk does by day.
func wantAccessible(t *testing.T, b *testkit.Tab) {
	t.Helper()
	for _, width := range []int64{390, 1440} {
		b.Screen(width, 900, width == 390)
		for _, v := range b.Axe() {
			t.Errorf("at %d px: %s", width, v)
		}
	}
}
