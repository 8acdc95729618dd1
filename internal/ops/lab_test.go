package ops

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/store"
)

// lab is the order actions over the real client and a sandbox CMP behind it, all with one clock that the test moves.
type lab struct {
	*Actions
	client *cmp.Client
	sim    *cmpsim.Sim
	taken  map[string]bool
	mu     sync.Mutex
	at     time.Time
}

func newLab(t *testing.T, seed uint64) *lab {
	t.Helper()
	l := &lab{taken: map[string]bool{}, at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	var err error
	if l.sim, err = cmpsim.New(cmpsim.Options{Devices: 3000, Seed: seed, AccessKey: "key", SecretKey: "secret", Now: l.time}); err != nil {
		t.Fatal(err)
	}
	door := httptest.NewServer(l.sim.Handler())
	t.Cleanup(door.Close)
	quiet := slog.New(slog.DiscardHandler)
	l.client, err = cmp.New(cmp.Options{BaseURL: door.URL, AccessKey: "key", SecretKey: "secret", Signing: "cmp-hmac", Language: "en-US",
		Timeout: 5 * time.Second, Rate: 100_000, MaxConns: 100, Now: l.time, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	l.Actions = NewActions(db, audit.New(db, l.time), l.client, Options{Timeout: 10 * time.Second, Closed: func(context.Context, store.Querier) string { return "" }, Now: l.time, Logger: quiet})
	return l
}

func (l *lab) time() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at
}

func (l *lab) wait(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = l.at.Add(d)
}

// mutation is one change with an ambiguous answer: the action, what its request names, and how to send it.
type mutation struct {
	verb    Verb
	id, key string
	send    func() error
}

// prepareMutation opens the page before a change, on a device that no other has.
func (l *lab) prepareMutation(t *testing.T, verb Verb) mutation {
	t.Helper()
	switch verb {
	case Bind, Unbind:
		return l.prepareBinding(t, verb)
	case Send:
		device := l.device(t, cmpsim.SortInUse).ID
		batch, err := l.PrepareSMS(t.Context(), anna, Draft{Devices: []string{device}, Content: "Reboot, please"})
		if err != nil {
			t.Fatal(err)
		}
		messages, err := l.messagesOf(t.Context(), anna, batch)
		if err != nil {
			t.Fatal(err)
		}
		return mutation{verb: verb, id: messages[0].ActionID, key: device, send: func() error { _, err := l.SendBatch(t.Context(), anna, batch); return err }}
	case Buy:
		device := l.device(t, cmpsim.SortEnded).ID
		batch, err := l.PrepareCart(t.Context(), mia, l.cartFor(t, device))
		if err != nil {
			t.Fatal(err)
		}
		list, err := l.Purchases(t.Context(), mia, batch)
		if err != nil {
			t.Fatal(err)
		}
		return mutation{verb: verb, id: list[0].Action.ID, key: device, send: func() error { _, err := l.Checkout(t.Context(), mia, batch); return err }}
	}
	return l.prepareOrder(t, verb)
}

func (l *lab) prepareOrder(t *testing.T, verb Verb) mutation {
	t.Helper()
	sort := map[Verb]cmpsim.Sort{Open: cmpsim.SortWaiting, Cancel: cmpsim.SortWaiting, Restart: cmpsim.SortSuspended}[verb]
	if sort == "" {
		sort = cmpsim.SortInUse
	}
	rule, _ := RuleOf(verb)
	for {
		d := l.device(t, sort)
		for _, o := range d.Orders {
			if current, running := d.Current(); verb == Restart && running && current.Status == cmpsim.StatusInUse || o.Secondary || o.Status != string(rule.From) {
				continue
			}
			p, err := l.Preflight(t.Context(), anna, o.ID, verb)
			if err != nil || p.ID == "" {
				t.Fatalf("preflight of %s: %+v, %v", verb, p, err)
			}
			form := Form{OrderID: o.ID, Verb: verb, ActionID: p.ID, Reason: why, Confirm: last4(d.ID)}
			return mutation{verb: verb, id: p.ID, key: o.ID, send: func() error { _, err := l.Do(t.Context(), anna, form); return err }}
		}
	}
}

func (l *lab) prepareBinding(t *testing.T, verb Verb) mutation {
	t.Helper()
	for {
		d := l.device(t, cmpsim.SortInUse)
		if _, err := l.client.Bindings(t.Context(), d.ID); err != nil {
			continue // a card that takes no part
		}
		if verb == Unbind {
			if err := l.client.BindIMEI(t.Context(), cmp.Binding{DeviceID: d.ID, IMEI: imei1, OTA: d.OTA}); err != nil {
				t.Fatal(err)
			}
		}
		p, err := l.PreflightIMEI(t.Context(), anna, d.ID, verb)
		if err != nil || p.ID == "" {
			t.Fatalf("preflight of %s: %+v, %v", verb, p, err)
		}
		form := Form{Verb: verb, DeviceID: d.ID, ActionID: p.ID, Reason: why, Confirm: last4(d.ID), Wants: imei1, OTA: d.OTA}
		return mutation{verb: verb, id: p.ID, key: d.ID, send: func() error { _, err := l.Do(t.Context(), anna, form); return err }}
	}
}

// cartFor orders a post-paid package of the catalogue for the device, as its page does.
func (l *lab) cartFor(t *testing.T, device string) Cart {
	t.Helper()
	catalogue, err := l.client.Packages(t.Context(), 1, 100)
	if err != nil {
		t.Fatal(err)
	}
	has, err := l.client.OrdersOf(t.Context(), device)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range catalogue.Packages {
		if p.Code == "DP20190726001274" {
			return Cart{Package: p, Periods: 1, Reason: why, Items: []CartItem{{DeviceID: device, Orders: has}}}
		}
	}
	t.Fatal("the catalogue lacks the package")
	return Cart{}
}

// device is a device of the sort that no other change has.
func (l *lab) device(t *testing.T, sort cmpsim.Sort) cmpsim.Device {
	t.Helper()
	for _, d := range l.sim.Samples(sort, 3000) {
		if !l.taken[d.ID] && d.Lifecycle != cmpsim.LifecycleDisposal {
			l.taken[d.ID] = true
			return d
		}
	}
	t.Fatalf("the sandbox has no device left that is %s", sort)
	return cmpsim.Device{}
}

func last4(id string) string { return id[len(id)-4:] }
