package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/testkit"
	"cmpconsole/internal/testkit/torture"
)

// TestKilledWhileItReadsTheFleet kills the console again and again in the middle of the first load, between pages and within
// them. Each start goes on at the page where the last one was: no page is left out, and the mirror ends as the truth.
func TestKilledWhileItReadsTheFleet(t *testing.T) {
	t.Parallel()
	dice := torture.Dice(t)
	in := &instance{logs: newLogs()}
	in.prepare(t, cmpsim.Options{Devices: 1200, AccessKey: testAccessKey, SecretKey: testSecretKey})
	in.env["CMP_SYNC_EVERY"], in.env["CMP_PAGE_SIZE"] = "6h", "20"
	in.sim.Script(cmpsim.Fault{Path: "queryBatchDevice", Kind: cmpsim.KindDelay, Delay: 2 * time.Millisecond})
	kills := 0
	for page := 1; page < 58; page += 1 + dice.IntN(8) {
		child := in.startChild(t)
		awaitRequest(t, in.sim, func(r cmpsim.Request) bool { return pageOf(r) >= page })
		<-time.After(time.Duration(dice.IntN(5000)) * time.Microsecond) // the randomness is what is tested
		kill(t, child)
		kills++
	}
	child := in.startChild(t)
	in.awaitRun(t)
	kill(t, child)
	reached, asked := 0, 0
	for _, r := range in.sim.Journal() {
		switch n := pageOf(r); {
		case n == 0:
		case reached < 60 && n > reached+1:
			t.Errorf("page %d was asked for after page %d", n, reached)
		case reached < 60 && n < reached:
			t.Errorf("page %d was read again, after page %d", n, reached)
		default:
			reached, asked = max(reached, n), asked+1
		}
	}
	if asked > 122+kills { // the 60th page is full, so another one is looked for
		t.Errorf("%d pages were read for 2 times 61 and %d kills", asked, kills)
	}
	in.wantMirrored(t)
	t.Logf("%d kills, %d pages", kills, asked)
}

// pageOf is the page of the list that a request asks for, 0 when it asks for something else.
func pageOf(r cmpsim.Request) int {
	var body struct {
		Page int `json:"page_no"`
	}
	if !strings.HasSuffix(r.Path, "queryBatchDevice") || json.Unmarshal([]byte(r.Body), &body) != nil {
		return 0
	}
	return body.Page
}

// wantMirrored compares what the stopped console left with the sandbox's fleet.
func (in *instance) wantMirrored(t *testing.T) {
	t.Helper()
	m, err := mirror.Open(t.Context(), filepath.Join(in.dir, "mirror.db"), mirror.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ids, total, err := m.IDs(t.Context(), mirror.Filter{}, 10_000)
	if err != nil || total != 1200 {
		t.Errorf("the mirror has %d devices, %v", total, err)
	}
	for _, id := range ids {
		if _, there := in.sim.Device(id); !there {
			t.Errorf("the mirror has %s, which there is not", id)
		}
	}
}

// TestSyncJourney starts the reading of the fleet, sees how far it is, and stops it; with the scripts of the page, which looks
// again by itself, and without them.
func TestSyncJourney(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %t", scripts), func(t *testing.T) {
			t.Parallel()
			in := startProgram(t, withEnv("CMP_PAGE_SIZE", "100"))
			open := testkit.OpenTab
			if !scripts {
				open = testkit.OpenPlainTab
			}
			b := open(t, in.url)
			signInAt(b, "manager")
			b.Go(`.nav a[href="/sync"]`, at("/sync")+" && "+shows("begins by hand only"))
			release := in.hold(t, "queryBatchDevice", false)
			b.Go(`form[action="/sync/start"] button`, at("/sync")+" && ("+shows("asked for by manager")+" || "+shows("about to begin")+")")
			awaitRequest(t, in.sim, func(r cmpsim.Request) bool { return pageOf(r) == 1 })
			release()
			if scripts {
				b.Until(shows("At rest") + " && " + shows("Complete"))
			} else {
				in.awaitRun(t)
				b.Open("/sync")
			}
			b.Check(shows("At rest") + " && " + shows("Complete") + ` && document.querySelector(".runs td.num").innerText === "400"`)
			b.Go(`form[action="/sync/stop"] button`, shows("Stopped")+" && "+shows("by manager"))
			b.Open("/")
			b.Check(shows("reading is stopped"))
			auditor := in.signIn(t, "auditor")
			auditor.get(t, "/audit?action=sync.start").want(t, http.StatusOK).says(t, "manager sync.start Done")
			auditor.get(t, "/audit?action=sync.stop").want(t, http.StatusOK).says(t, "manager sync.stop Done")
		})
	}
}

func (in *instance) awaitRun(t *testing.T) {
	t.Helper()
	if _, err := in.logs.await(message("mirror synced"), nil); err != nil {
		t.Fatalf("the fleet is not read to its end: %v\n%s", err, in.logs)
	}
}

// TestAnActionRenewsTheMirror: what was done to a device is in the mirror soon after, though the fleet is not read.
func TestAnActionRenewsTheMirror(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	device := in.pauseAndAwaitRead(t, support)
	in.pauseAndAwaitRead(t, support) // one after the other: now the first one is written
	in.stop()
	m, err := mirror.Open(t.Context(), filepath.Join(in.dir, "mirror.db"), mirror.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	d, known, err := m.Device(t.Context(), device)
	if err != nil || !known || len(d.Orders) != 1 || d.Orders[0].Status != cmpsim.StatusSuspended {
		t.Errorf("the mirror knows %t: %+v, %v", known, d, err)
	}
}

// pauseAndAwaitRead pauses an order, and waits until its device is read because of that.
func (in *instance) pauseAndAwaitRead(t *testing.T, support *visitor) (device string) {
	t.Helper()
	tr := in.prepareDeed(t, support, "pause")
	if r := support.postOnly(t.Context(), tr.action, tr.form); r.status != http.StatusSeeOther {
		t.Fatalf("the action is answered %d, %v", r.status, r.err)
	}
	changed := awaitRequest(t, in.sim, changeOf(tr.order.ID))
	awaitRequest(t, in.sim, func(r cmpsim.Request) bool {
		return r.Seq > changed.Seq && strings.HasSuffix(r.Path, "queryDevice") && r.DeviceID == tr.order.DeviceID
	})
	return tr.order.DeviceID
}
