package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit/torture"
)

// The crowd: so many workers at so many orders.
const (
	crowdWorkers = 100
	crowdOrders  = 20
)

// TestCrowd: a hundred workers change twenty orders as often as they can, and some answers are lost. Never are two
// changes of one order on their way to the CMP, or open in the log, at the same time. It is meant for -race as well.
func TestCrowd(t *testing.T) {
	t.Parallel()
	dice := torture.Dice(t)
	sim, err := cmpsim.New(cmpsim.Options{Devices: 1200, AccessKey: testAccessKey, SecretKey: testSecretKey})
	if err != nil {
		t.Fatal(err)
	}
	judge := &overlaps{next: sim.Handler(), dice: rand.New(rand.NewPCG(dice.Uint64(), 1)), open: map[string]int{}}
	door := httptest.NewServer(judge)
	t.Cleanup(door.Close)
	in := startProgram(t, withEnv("CMP_BASE_URL", door.URL))
	support, orders := in.signIn(t, "support"), make([]string, crowdOrders)
	for i, mine := 0, newPicks(sim); i < crowdOrders; i++ {
		orders[i] = mine.order(t, deedOf("pause")).ID
	}
	var crowd sync.WaitGroup
	for range crowdWorkers {
		own := rand.New(rand.NewPCG(dice.Uint64(), 2))
		crowd.Go(func() {
			for range torture.Rounds(4, 20) {
				if err := support.change(t, sim, orders[own.IntN(len(orders))]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	crowd.Wait()
	sent := len(changes(sim, ""))
	t.Logf("%d changes were sent, %d found another on its way", sent, judge.found)
	if judge.found > 0 || sent < 2*crowdOrders {
		t.Errorf("%d changes were sent, %d of them beside another of the same order", sent, judge.found)
	}
	all := rows(t, in.dir)
	for _, order := range orders {
		wantOneAtATime(t, all, order, len(changes(sim, order)))
	}
}

// change pauses or restarts the order, whichever it allows, as a worker in a hurry would.
func (v *visitor) change(t *testing.T, sim *cmpsim.Sim, order string) error {
	o, _ := sim.Order(order)
	path := orderPage(order) + map[string]string{cmpsim.StatusInUse: "/pause", cmpsim.StatusSuspended: "/restart"}[o.Status]
	p, err := v.open(t.Context(), http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	form, ok := p.fields(path)
	if !ok {
		return nil // somebody else is at it
	}
	form.Set("reason", "ticket 4711")
	return v.postOnly(t.Context(), path, form).err
}

// overlaps stands before the sandbox and counts the changes that arrive while another of the same order is there.
type overlaps struct {
	next  http.Handler
	mu    sync.Mutex
	dice  *rand.Rand
	open  map[string]int
	found int
}

func (o *overlaps) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !isChange(cmpsim.Request{Path: r.URL.Path}) {
		o.next.ServeHTTP(w, r)
		return
	}
	var named struct {
		Order string `json:"order_id"`
	}
	_ = json.Unmarshal(body, &named) // the sandbox refuses what is no JSON
	lose, wait := o.begin(named.Order)
	defer o.end(named.Order)
	<-time.After(wait) // a change takes its time, and others come meanwhile
	if !lose {
		o.next.ServeHTTP(w, r)
		return
	}
	o.next.ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler) // done, and the answer is lost
}

func (o *overlaps) begin(order string) (lose bool, wait time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open[order]++; o.open[order] > 1 {
		o.found++
	}
	return o.dice.IntN(8) == 0, time.Duration(o.dice.IntN(5_000)) * time.Microsecond
}

func (o *overlaps) end(order string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open[order]--
}

// wantOneAtATime fails the test when an intent of the order stands in the log before the one before it was over, or
// when there are not as many intents as requests.
func wantOneAtATime(t *testing.T, all []row, order string, sent int) {
	t.Helper()
	open, intents := false, 0
	for _, r := range all {
		if r.order != order {
			continue
		}
		switch {
		case r.phase == "intent" && open:
			t.Errorf("row %d begins a change of %s while another is open", r.seq, order)
		case r.phase == "intent":
			open, intents = true, intents+1
		case r.phase == "outcome" && r.outcome != "unknown", r.action == "order.settled":
			open = false
		}
	}
	if intents != sent {
		t.Errorf("%d intents of %s, and %d requests", intents, order, sent)
	}
}
