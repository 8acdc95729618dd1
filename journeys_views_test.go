package main

import (
	"testing"

	"cmpconsole/internal/testkit"
)

// TestSavedViewJourney: what the list shows is saved under a name, found again from any page, changed, replaced, shared, opened
// by somebody else, and deleted; with scripts and without.
func TestSavedViewJourney(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB, string) *testkit.Tab{"scripts": testkit.OpenTab, "no scripts": testkit.OpenPlainTab} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := startProgram(t, withEnv("CMP_SYNC_EVERY", "6h"))
			in.awaitRun(t)
			b := open(t, in.url)
			signInAt(b, "manager")
			look := func() {
				if name == "scripts" {
					wantAccessible(t, b)
				}
			}
			b.Open("/devices?status=2&sort=-used")
			b.Click(".drop.end > summary")
			look()
			b.Go(`a[href*="/devices/views/new"]`, `document.querySelector("#name") !== null`)
			b.Type("#name", "In use, most used first")
			b.Submit(`location.search.includes("view=") && location.search.includes("status=2")`)
			b.Check(`document.querySelector(".open-view").textContent.includes("yours alone")`)
			b.Open("/devices?lifecycle=2")
			b.Click(".drop.end > summary")
			b.Go(`.view-links a`, `location.search.includes("status=2") && location.search.includes("sort=-used")`)
			b.Go(`.chips .chip a`, `!location.search.includes("status=2")`)
			b.Check(`document.querySelector(".open-view").textContent.includes("changed")`)
			look()
			b.Go(`.open-view form button`, `!document.querySelector(".open-view").textContent.includes("changed")`)
			b.Go(`.open-view a[href*="/devices/views/"]`, `document.querySelector("[name=shared]") !== null`)
			look()
			b.Click("[name=shared]")
			b.Go("main form.card button[type=submit]", `location.pathname === "/devices/views"`)
			b.Check(`document.querySelector("main tbody").textContent.includes("yours, shared")`)
			look()

			other := open(t, in.url)
			signInAt(other, "support")
			other.Open("/devices/views")
			other.Go("main tbody a", `location.search.includes("view=")`)
			other.Check(`document.querySelector(".open-view").textContent.includes("shared by manager")`)

			b.Go("main tbody a.button", `document.querySelector("[name=shared]") !== null`)
			b.Go("main form a[href$='/delete']", shows("It is gone for everybody who uses it."))
			look()
			b.Go("main button.danger", `location.pathname === "/devices/views"`)
			b.Check(`document.querySelector("main tbody") === null`)
		})
	}
}
