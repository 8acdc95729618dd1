package views

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// shop is a site whose clock stands at noon until it is moved.
type shop struct {
	*site
	moved atomic.Int64
}

func newShop(t *testing.T) *shop {
	t.Helper()
	sh := &shop{}
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	sh.site = newSite(t, func(d *Deps) { d.Now = func() time.Time { return noon.Add(time.Duration(sh.moved.Load())) } })
	return sh
}

// wants fails the test unless the page tells this age after so many reads of the catalogue.
func (sh *shop) wants(t *testing.T, a answer, age string, reads int) {
	t.Helper()
	a.want(t, http.StatusOK)
	if text := textOf(a.tree(t)); !strings.Contains(text, "as of "+age+" UTC") {
		t.Errorf("the page does not say as of %s: %s", age, text)
	}
	if n := len(sh.sim.Journal()); n != reads {
		t.Errorf("as of %s: %d reads, want %d", age, n, reads)
	}
}

// The catalogue is read again after five minutes, or when somebody asks for it; every page of it says how old it is.
func TestTheCatalogueHasAnAge(t *testing.T) {
	t.Parallel()
	sh := newShop(t)
	v := sh.visit(t, auth.Manager)
	for _, step := range []struct {
		later time.Duration
		age   string
		reads int
	}{{0, "12:00:00", 1}, {catalogueLife - time.Second, "12:00:00", 1}, {catalogueLife, "12:05:00", 2}} {
		sh.moved.Store(int64(step.later))
		for _, page := range []string{"/packages", "/packages/LP14230912003377", "/orders/new"} {
			sh.wants(t, v.get(page), step.age, step.reads)
		}
	}
	sh.moved.Add(int64(time.Second))
	var action string
	for _, form := range all(v.get("/packages?q=japan&type=2").tree(t), "form", "action") {
		if a := attr(form, "action"); strings.HasPrefix(a, "/packages/refresh") {
			action = a
		}
	}
	a := v.post(action, nil).want(t, http.StatusSeeOther)
	if to := a.header.Get("Location"); to != "/packages?q=japan&type=2" {
		t.Errorf("%q leads to %q", action, to)
	}
	if row, ok := sh.rowOf(t, a, audit.PackageRefresh); !ok || row.Outcome != audit.OK {
		t.Errorf("recorded %+v", row.Entry)
	}
	sh.wants(t, v.get(a.header.Get("Location")), "12:05:01", 3)
}

// A catalogue that cannot be read again stays, with its age; whoever asked for a new one is told.
func TestTheCatalogueOutlivesAFailure(t *testing.T) {
	t.Parallel()
	sh := newShop(t)
	v := sh.visit(t, auth.Support)
	sh.wants(t, v.get("/packages"), "12:00:00", 1)
	sh.moved.Store(int64(time.Minute))
	sh.sim.Script(cmpsim.Fault{Path: "package/syncPackages", Times: 1, Kind: cmpsim.KindBusiness})
	a := v.post("/packages/refresh", nil).want(t, http.StatusBadGateway)
	if row, ok := sh.rowOf(t, a, audit.PackageRefresh); !ok || row.Outcome != audit.Failed {
		t.Errorf("recorded %+v", row.Entry)
	}
	sh.wants(t, v.get("/packages"), "12:00:00", 2)
}

// The bar of every page and the home page say until when the CMP is not asked, in the visitor's zone.
func TestTheBarSaysThatTheCMPIsNotAsked(t *testing.T) {
	t.Parallel()
	until := time.Now().Add(time.Hour).UTC()
	st := newSite(t, func(d *Deps) {
		d.CMP = &stub{upstream: d.CMP, health: func() cmp.Health { return cmp.Health{At: until, NotBefore: until} }}
	})
	v := st.visit(t, auth.Support)
	for _, path := range []string{"/", "/packages"} {
		text := textOf(v.get(path).want(t, http.StatusOK).tree(t))
		if !strings.Contains(text, "CMP not asked until ") || !strings.Contains(text, until.Format("15:04")) || strings.Contains(text, "CMP not answering") {
			t.Errorf("%s: %s", path, text)
		}
	}
	k := clock{zone: time.FixedZone("", 8*3600), now: time.Date(2026, 11, 23, 4, 6, 0, 0, time.UTC)}
	st.CMP = &stub{upstream: st.CMP, health: func() cmp.Health { return cmp.Health{NotBefore: k.now.Add(31 * time.Second)} }}
	if got := st.upstreamSignal(k); got.Text != "CMP not asked until 12:06:31" || got.Tone != "bad" {
		t.Errorf("%+v", got)
	}
	if got := st.systems(k, tally{})[0]; got.Value != "not asked until 12:06:31" {
		t.Errorf("%+v", got)
	}
}
