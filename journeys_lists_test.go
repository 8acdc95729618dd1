package main

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// TestPastedListJourney: five hundred pasted numbers of every kind become a list; it is exported, what is several is
// picked, and some of its devices get into the form for orders.
func TestPastedListJourney(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %t", scripts), func(t *testing.T) {
			t.Parallel()
			in := startProgram(t, withDevices(900), withEnv("CMP_SYNC_EVERY", "6h"))
			in.awaitRun(t)
			manager := in.signIn(t, "manager")
			cards := slices.DeleteFunc(in.sim.Samples(cmpsim.SortInUse, 900), func(d cmpsim.Device) bool { return len(d.Profiles) == 0 })
			for _, card := range cards[:2] {
				in.bindAnywhere(t, manager, card.ID) // one IMEI on two cards
			}
			open := testkit.OpenTab
			if !scripts {
				open = testkit.OpenPlainTab
			}
			b := open(t, in.url)
			signInAt(b, "manager")
			b.Open("/selections")
			testkit.Eval[bool](b, `(document.querySelector("#many").value = `+testkit.Quote(mixed(cards, 500))+`, true)`)
			b.Go("main form button[type=submit]", `location.pathname.startsWith("/selections/")`)
			b.Check(shows("500 pasted numbers") + " && " + shows("Several devices 1") + " && " + shows("Not found 3"))
			if scripts {
				b.Until(shows("3 asked, 0 found, 3 not known to the CMP.") + ` && document.querySelector("#asked [hx-get]") === null`)
			}
			b.Go(`main .tabs a[href$="state=ambiguous"]`, `document.querySelectorAll("main tbody tr").length === 1`)
			b.Go(`main tbody form button`, shows("Found 497")+` && document.querySelectorAll("main tbody tr").length === 0`)
			href := testkit.Eval[string](b, "location.pathname")
			in.wantList(t, manager, href)
			b.Check(shows("An order takes up to 50 devices.") + ` && document.querySelector("a[href*='/orders/new']") === null`)
			b.Go(`.bulk-links a[href*="/devices?in="]`, at("/devices")+` && document.querySelector("[data-total]").dataset.total === "497"`)
			b.Click("main tbody tr:nth-child(1) .tick-row input")
			b.Click("main tbody tr:nth-child(2) .tick-row input")
			b.Go(`button[name=which][value=ticked]`, at("/devices")+` && document.querySelector("[data-total]").dataset.total === "2"`)
			ticked := testkit.Eval[string](b, `[...document.querySelectorAll("main tbody tr")].map(r => r.dataset.id).join("\n")`)
			b.Open("/selections/" + testkit.Eval[string](b, `new URLSearchParams(location.search).get("in")`))
			b.Go(`a[href*="/orders/new?selection="]`, at("/orders/new"))
			if got := testkit.Eval[string](b, `document.querySelector("[name=devices]").value`); got != ticked {
				t.Errorf("the form has %q, want %q", got, ticked)
			}
		})
	}
}

// mixed writes n numbers of cards, each of another card but the first, with every separator: device ids, IMSIs and MSISDNs,
// three that nobody knows, and an IMEI that two cards have.
func mixed(cards []cmpsim.Device, n int) string {
	separators := []string{"\n", ", ", ";", "\t", "\r\n"}
	pieces := []string{"89852026999999999991", "89852026999999999992", "89852026999999999993", someIMEI}
	for i, card := range cards[2 : n-2] {
		switch id := card.ID; i % 3 {
		case 0:
			pieces = append(pieces, id)
		case 1:
			pieces = append(pieces, id[:4]+"-"+id[4:])
		default:
			pieces = append(pieces, card.Profiles[0].IMSI)
		}
	}
	var list strings.Builder
	for i, piece := range pieces {
		list.WriteString(piece + separators[i%len(separators)])
	}
	return list.String()
}

// wantList looks into both exports of the pasted list.
func (in *instance) wantList(t *testing.T, v *visitor, href string) {
	t.Helper()
	rows, texts := v.sheets(t, href+"/export?format=", "E5")
	if len(rows) != 501 || !texts {
		t.Fatalf("%d rows, ids as text %t", len(rows), texts)
	}
	found := map[string]int{}
	for _, row := range rows[1:] {
		if found[row[3]]++; (row[3] == "Found") != (len(row[4]) >= 10) {
			t.Errorf("%q", row)
		}
	}
	if found["Found"] != 497 || found["Not found"] != 3 {
		t.Errorf("%v", found)
	}
}

// sheets takes away a file as CSV and as XLSX. It fails the test when they differ, and tells whether a cell of the latter,
// which has an id, is text.
func (v *visitor) sheets(t *testing.T, path, cell string) (rows [][]string, text bool) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(v.get(t, path+"csv").want(t, http.StatusOK).body, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(strings.NewReader(v.get(t, path+"xlsx").want(t, http.StatusOK).body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	cells, err := book.GetRows("Sheet1")
	if err != nil || len(cells) != len(rows) {
		t.Fatalf("%d rows as XLSX, %d as CSV, %v", len(cells), len(rows), err)
	}
	for i := range cells {
		for j, is := range cells[i] {
			if is != strings.TrimPrefix(rows[i][j], "'") {
				t.Errorf("row %d: %q as XLSX, %q as CSV", i, is, rows[i][j])
			}
		}
	}
	kind, err := book.GetCellType("Sheet1", cell)
	if err != nil {
		t.Fatal(err)
	}
	return rows, kind == excelize.CellTypeInlineString
}

// TestAllThatMatchJourney: all devices that a filter finds are selected, labelled and taken away, and no other.
func TestAllThatMatchJourney(t *testing.T) {
	t.Parallel()
	in := startProgram(t, withEnv("CMP_SYNC_EVERY", "6h"))
	in.awaitRun(t)
	b := testkit.OpenTab(t, in.url)
	signInAt(b, "manager")
	b.Open("/devices?status=2")
	count := testkit.Eval[int](b, `Number(document.querySelector("[data-total]").dataset.total)`)
	if count <= 50 {
		t.Fatalf("%d devices fit a page", count)
	}
	all := func(n int) string {
		return fmt.Sprintf(`document.querySelector("[data-total]").dataset.total === "%d"`, n)
	}
	b.Go(`button[name=which][value=all]`, `location.search.includes("in=") && `+all(count))
	b.Go(`a[href*="/devices/annotate"]`, `document.querySelector("#label") !== null`)
	b.Type("#label", "Spring check")
	b.Submit(shows(fmt.Sprintf("“Spring check” is put on %d devices", count)))
	b.Go(`button[name=confirm]`, shows(fmt.Sprintf("Done: %d devices.", count)))
	b.Go(`main a[href*="in="].button`, at("/devices")+" && "+all(count))
	b.Open("/devices?label=" + url.QueryEscape("Spring check"))
	b.Check(all(count))
	manager := in.signIn(t, "manager")
	rows, texts := manager.sheets(t, "/devices/export?label=Spring+check&format=", "A2")
	if len(rows) != count+1 || !texts {
		t.Errorf("%d rows for %d devices, ids as text %t", len(rows), count, texts)
	}
	for _, row := range rows[1:] {
		card, known := in.sim.Device(row[0])
		if current, ok := card.Current(); !known || !ok || current.Status != cmpsim.StatusInUse {
			t.Errorf("%s is no device in use", row[0])
		}
	}
}
