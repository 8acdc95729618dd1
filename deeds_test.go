package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// deed is one of the five actions as the outside sees it.
type deed struct {
	verb     string
	sort     cmpsim.Sort // of a device with an order that it fits
	from, to string
	call     string // the CMP's
	final    bool
	next     string // what can be done after it, empty when nothing can
}

var deeds = []deed{
	{"open", cmpsim.SortWaiting, cmpsim.StatusWaiting, cmpsim.StatusInUse, "package/openPackage", false, "pause"},
	{"pause", cmpsim.SortInUse, cmpsim.StatusInUse, cmpsim.StatusSuspended, "device/pauseService", false, "restart"},
	{"restart", cmpsim.SortSuspended, cmpsim.StatusSuspended, cmpsim.StatusInUse, "device/restartService", false, "pause"},
	{"cancel", cmpsim.SortWaiting, cmpsim.StatusWaiting, cmpsim.StatusEnded, "package/cancelPackage", true, ""},
	{"end", cmpsim.SortInUse, cmpsim.StatusInUse, cmpsim.StatusEnded, "package/aheadFinishDeviceOrder", true, ""},
}

func deedOf(verb string) deed {
	for _, d := range deeds {
		if d.verb == verb {
			return d
		}
	}
	panic("no deed " + verb)
}

// picks hands out devices of a sandbox, each to one test only.
type picks struct {
	sim   *cmpsim.Sim
	mu    sync.Mutex
	taken map[string]bool
}

func newPicks(sim *cmpsim.Sim) *picks { return &picks{sim: sim, taken: map[string]bool{}} }

// order is an order that the deed fits, on a device that no other caller gets.
func (p *picks) order(t testing.TB, d deed) cmpsim.Order {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, device := range p.sim.Samples(d.sort, 5000) {
		// The lists of names come first in the fleet; a device in use beside a suspended order cannot restart.
		current, running := device.Current()
		if p.taken[device.ID] || (d.verb == "restart" && running && current.Status == cmpsim.StatusInUse) {
			continue
		}
		for _, o := range device.Orders {
			if o.Status == d.from && !o.Secondary {
				p.taken[device.ID] = true
				return o
			}
		}
	}
	t.Fatalf("the sandbox has no order left to %s", d.verb)
	return cmpsim.Order{}
}

func orderPage(id string) string { return "/orders/" + url.PathEscape(id) }

// trial is one action under way: the order, and the page that asks before it.
type trial struct {
	deed
	order  cmpsim.Order
	action string // where the form posts to
	form   url.Values
}

// prepare opens the page before the action on a fresh order and fills in its form.
func (in *instance) prepareDeed(t testing.TB, v *visitor, verb string) trial {
	t.Helper()
	d := deedOf(verb)
	tr := trial{deed: d, order: in.mine.order(t, d)}
	tr.action = orderPage(tr.order.ID) + "/" + verb
	tr.form = tr.fillIn(t, v.get(t, tr.action).want(t, http.StatusOK), "ticket 4711")
	return tr
}

// fillIn fills in the form of the page before the action.
func (tr trial) fillIn(t testing.TB, p page, reason string) url.Values {
	t.Helper()
	set := url.Values{"reason": {reason}}
	if tr.final {
		set.Set("confirm", tr.order.DeviceID[len(tr.order.DeviceID)-4:])
	}
	return p.fill(t, tr.action, set)
}

// again opens the page before the action once more, as in a second tab, and fills in its form.
func (tr trial) again(t testing.TB, v *visitor) url.Values {
	t.Helper()
	return tr.fillIn(t, v.get(t, tr.action).want(t, http.StatusOK), "the second tab")
}

// changes are the requests in the journal that ask for a change, of one order or of all when order is empty.
func changes(sim *cmpsim.Sim, order string) []cmpsim.Request {
	var found []cmpsim.Request
	for _, r := range sim.Journal() {
		if isChange(r) && (order == "" || r.OrderID == order) {
			found = append(found, r)
		}
	}
	return found
}

func isChange(r cmpsim.Request) bool {
	for _, d := range deeds {
		if strings.HasSuffix(r.Path, d.call) {
			return true
		}
	}
	return false
}

// changeOf matches the request that asks for a change of the order.
func changeOf(order string) func(cmpsim.Request) bool {
	return func(r cmpsim.Request) bool { return isChange(r) && r.OrderID == order }
}

// awaitRequest waits for a request in the journal.
func awaitRequest(t testing.TB, sim *cmpsim.Sim, match func(cmpsim.Request) bool) cmpsim.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := sim.AwaitRequest(ctx, match)
	if err != nil {
		t.Fatalf("the request did not come: %v", err)
	}
	return r
}

// wantStatus fails the test when the order is in another state at the CMP.
func wantStatus(t testing.TB, sim *cmpsim.Sim, order, status string) {
	t.Helper()
	if o, ok := sim.Order(order); !ok || o.Status != status {
		t.Fatalf("order %s is %q at the CMP, want %q", order, o.Status, status)
	}
}

// elsewhere is a client of the same CMP beside the console: somebody else who changes orders.
func (in *instance) elsewhere(t testing.TB) *cmp.Client {
	t.Helper()
	client, err := cmp.New(cmp.Options{BaseURL: in.env["CMP_BASE_URL"], AccessKey: testAccessKey, SecretKey: testSecretKey, Signing: "cmp-hmac",
		Language: "en-US", Timeout: patience, Rate: 1000, MaxConns: 2, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func serviceOf(o cmpsim.Order) cmp.ServiceOrder {
	return cmp.ServiceOrder{OrderID: o.ID, DeviceID: o.DeviceID}
}
