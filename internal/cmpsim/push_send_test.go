package cmpsim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// receiver takes pushes and answers as it is told to, or as the document asks.
type receiver struct {
	*httptest.Server

	mu     sync.Mutex
	bodies []string
	answer func(w http.ResponseWriter, r *http.Request)
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	rc := &receiver{answer: asDocumented}
	rc.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			t.Errorf("pushed by %s as %q", r.Method, r.Header.Get("Content-Type"))
		}
		rc.mu.Lock()
		rc.bodies = append(rc.bodies, r.URL.Path+" "+string(body))
		rc.mu.Unlock()
		rc.answer(w, r)
	}))
	t.Cleanup(rc.Close)
	return rc
}

func asDocumented(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/order-status") {
		io.WriteString(w, "1")
		return
	}
	io.WriteString(w, `{"code":"0","message":"success"}`)
}

func (rc *receiver) got() []string {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	return slices.Clone(rc.bodies)
}

// oneOfEach has the sandbox tell of an order, a report and a message from a device.
func oneOfEach(t *testing.T, d door, clock *ticking) {
	t.Helper()
	d.post(t, "sms/sendSms", smsBody("LK1", DemoInUse))
	clock.wait(deliveryTime)
	d.mt(t, `{}`)
	d.post(t, addresses[ActionPause], orderBody(DemoOrder))
	if err := d.SendMO(MO{DemoInUse, "12345", "hello"}); err != nil {
		t.Fatal(err)
	}
}

func settle(t *testing.T, s *Sim) {
	t.Helper()
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Pushes come to their addresses, in order, each once, and what was answered is remembered.
func TestPushesAreSent(t *testing.T) {
	t.Parallel()
	clock, rc := newTicking(noon), newReceiver(t)
	d := openDoor(t, Options{Now: clock.now, PushTo: PushTo(rc.URL + "/push/secret/")})
	oneOfEach(t, d, clock)
	settle(t, d.Sim)
	settle(t, d.Sim)
	var want []string
	for i, p := range d.Pushes() {
		want = append(want, "/push/secret/"+string(p.Kind)+" "+p.Body)
		if p.Fate != FateAccepted || p.Status != 200 || p.Seq != uint64(i+1) || (p.Kind == PushOrder) != (p.Answer == "1") {
			t.Errorf("%+v", p)
		}
	}
	if got := rc.got(); len(got) != 3 || !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
	d.ResetPushes()
	if n := len(d.Pushes()); n != 0 {
		t.Errorf("%d are left", n)
	}
}

func TestAnswersToPushes(t *testing.T) {
	t.Parallel()
	say := func(status int, text string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); io.WriteString(w, text) }
	}
	for name, tt := range map[string]struct {
		answer            func(http.ResponseWriter, *http.Request)
		order, report, mo Fate
	}{
		"documented":        {asDocumented, FateAccepted, FateAccepted, FateAccepted},
		"a 1":               {say(200, "1"), FateAccepted, FateRefused, FateRefused},
		"a line":            {say(200, "1\n"), FateRefused, FateRefused, FateRefused},
		"a number as code":  {say(200, `{"code":0,"message":"success"}`), FateRefused, FateRefused, FateRefused},
		"a code of calls":   {say(200, `{"code":"0000","message":"success"}`), FateRefused, FateRefused, FateRefused},
		"no message":        {say(200, `{"code":"0"}`), FateRefused, FateRefused, FateRefused},
		"not stored":        {say(503, `{"code":"1","message":"later"}`), FateRefused, FateRefused, FateRefused},
		"stored, but a 500": {say(500, "1"), FateRefused, FateRefused, FateRefused},
		"nobody knows it":   {say(404, "not found"), FateRefused, FateRefused, FateRefused},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
			FateRefused, FateRefused, FateRefused},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) { resetConnection(w) }, FateFailed, FateFailed, FateFailed},
		"late":    {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, FateFailed, FateFailed, FateFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock, rc := newTicking(noon), newReceiver(t)
			opts := Options{Now: clock.now, PushTo: PushTo(rc.URL)}
			if rc.answer = tt.answer; name == "late" {
				opts.PushTimeout = 50 * time.Millisecond
			}
			d := openDoor(t, opts)
			oneOfEach(t, d, clock)
			settle(t, d.Sim)
			for kind, want := range map[PushKind]Fate{PushOrder: tt.order, PushMT: tt.report, PushMO: tt.mo} {
				if p := d.only(t, kind); p.Fate != want || (want == FateFailed) != (p.Problem != "") || strings.Contains(p.Problem, rc.URL) {
					t.Errorf("%s: %+v, want %s", kind, p, want)
				}
			}
			if n := len(rc.got()); n != 3 {
				t.Errorf("%d requests: what is not accepted is not sent again", n)
			}
		})
	}
}

// A console with a certificate of its own making hears pushes, too.
func TestPushesOverTLS(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(http.HandlerFunc(asDocumented))
	t.Cleanup(srv.Close)
	d := openDoor(t, Options{PushTo: PushTo(srv.URL)})
	d.post(t, addresses[ActionPause], orderBody(DemoOrder))
	settle(t, d.Sim)
	if p := d.only(t, PushOrder); p.Fate != FateAccepted {
		t.Errorf("%+v", p)
	}
}

// history is what somebody hears under a rule of twenty changes of an order: events by number.
func history(t *testing.T, r PushRule) (heard []uint64, lost int) {
	t.Helper()
	d := openDoor(t, Options{Devices: len(demos)})
	rule(t, d.Sim, r)
	for range 10 {
		d.post(t, addresses[ActionPause], orderBody(DemoOrder))
		d.post(t, addresses[ActionRestart], orderBody(DemoOrder))
	}
	planned := d.Pushes()
	settle(t, d.Sim)
	for _, p := range d.Pushes() {
		switch p.Fate {
		case FateLost:
			lost++
		case FateNoAddress:
			heard = append(heard, p.Event)
		default:
			t.Errorf("%+v", p)
		}
	}
	for i, p := range d.Pushes() { // what was planned is what goes
		if planned[i].Seq != p.Seq {
			t.Errorf("push %d goes as number %d, planned was %d", i, p.Seq, planned[i].Seq)
		}
	}
	return heard, lost
}

// What comes twice, not at all, or in disorder follows from the seed.
func TestPushScript(t *testing.T) {
	t.Parallel()
	straight, _ := history(t, PushRule{})
	if len(straight) != 20 || !slices.IsSorted(straight) {
		t.Fatalf("without a script: %v", straight)
	}
	if twice, _ := history(t, PushRule{Repeat: 1}); len(twice) != 40 || twice[0] != twice[1] || !slices.Equal(slices.Compact(twice), straight) {
		t.Errorf("repeated: %v", twice)
	}
	if thinned, lost := history(t, PushRule{LoseEvery: 3, Repeat: 1}); len(thinned) != 28 || lost != 6 || slices.Contains(thinned, 3) || slices.Contains(thinned, 18) {
		t.Errorf("without every third: %v, %d lost", thinned, lost)
	}
	if nothing, lost := history(t, PushRule{LosePercent: 100}); len(nothing) != 0 || lost != 20 {
		t.Errorf("all lost: %v", nothing)
	}
	shuffled, _ := history(t, PushRule{Window: time.Minute, Delay: time.Hour, Seed: 1})
	if slices.IsSorted(shuffled) || !slices.Equal(slices.Sorted(slices.Values(shuffled)), straight) {
		t.Errorf("in disorder: %v", shuffled)
	}
	wild := PushRule{Window: time.Minute, Repeat: 2, LosePercent: 30, Seed: 7}
	one, lost := history(t, wild)
	again, _ := history(t, wild)
	if !slices.Equal(one, again) || lost < 1 || lost > 19 || len(one) != 3*(20-lost) {
		t.Errorf("the same seed: %v and %v, %d lost", one, again, lost)
	}
	wild.Seed = 8
	if other, _ := history(t, wild); slices.Equal(one, other) {
		t.Errorf("another seed does the same: %v", other)
	}
}

// A rule is for its kind, the first that fits counts, and what waits already stays.
func TestPushRulesAreForKinds(t *testing.T) {
	t.Parallel()
	clock := newTicking(noon)
	d := openDoor(t, Options{Now: clock.now})
	d.post(t, addresses[ActionRestart], orderBody(DemoSuspendedOrder))
	if err := d.SetPushScript(PushRule{Kind: PushMO, Repeat: 2}, PushRule{Kind: PushOrder, LosePercent: 100}, PushRule{Delay: time.Hour}); err != nil {
		t.Fatal(err)
	}
	oneOfEach(t, d, clock)
	if n := len(d.told(PushMO)); n != 3 {
		t.Errorf("%d messages from the device", n)
	}
	if p := d.told(PushOrder); len(p) != 2 || p[0].Fate != FateLost || p[1].Fate != FateWaiting {
		t.Errorf("orders: %+v", p)
	}
	if p := d.only(t, PushMT); !p.Due.Equal(p.Time.Add(time.Hour)) {
		t.Errorf("the report leaves at %v", p.Due)
	}
	for _, r := range []PushRule{{Kind: "sms"}, {Delay: -1}, {Repeat: 101}, {LosePercent: 101}, {LoseEvery: -1}, {MessageID: "ours"}} {
		if err := d.SetPushScript(r); err == nil {
			t.Errorf("%+v was taken", r)
		}
	}
	if n := len(d.PushScript()); n != 3 {
		t.Errorf("%d rules are left", n)
	}
}

// Serve sends by itself, at once and when time alone decided something, and stops.
func TestPushesGoByThemselves(t *testing.T) {
	t.Parallel()
	rc, clock := newReceiver(t), newTicking(noon)
	s := newSim(t, Options{Now: clock.now, PushTo: PushTo(rc.URL)})
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	d := door{s, "http://" + ln.Addr().String(), http.DefaultClient}
	over := func(kind PushKind) {
		t.Helper()
		wait, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if p, err := s.AwaitPush(wait, func(p Push) bool { return p.Kind == kind }); err != nil || p.Fate != FateAccepted {
			t.Fatalf("%+v, %v", p, err)
		}
	}
	d.post(t, addresses[ActionPause], orderBody(DemoSuspendedOrder)) // refused
	d.post(t, addresses[ActionRestart], orderBody(DemoSuspendedOrder))
	over(PushOrder)
	d.post(t, "sms/sendSms", smsBody("LK1", DemoInUse))
	clock.wait(deliveryTime)
	over(PushMT)
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := s.SendMO(MO{DemoInUse, "12345", "too late"}); err != nil || s.only(t, PushMO).Fate != FateWaiting {
		t.Errorf("after the end: %v, %+v", err, s.only(t, PushMO))
	}
}

// Who gives up waiting cuts the push under way and leaves the rest.
func TestSettleEndsWithItsContext(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t)
	ctx, stop := context.WithCancel(t.Context())
	rc.answer = func(_ http.ResponseWriter, r *http.Request) { stop(); <-r.Context().Done() }
	d := openDoor(t, Options{PushTo: PushTo(rc.URL)})
	d.post(t, addresses[ActionPause], orderBody(DemoOrder))
	d.post(t, addresses[ActionRestart], orderBody(DemoOrder))
	if err := d.Settle(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Settle: %v", err)
	}
	if p := d.Pushes(); len(p) != 2 || p[0].Fate != FateFailed || p[1].Fate != FateWaiting {
		t.Errorf("%+v", p)
	}
	if _, err := d.AwaitPush(ctx, func(Push) bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("AwaitPush: %v", err)
	}
}

// Neither what waits nor what is over grows without bound.
func TestPushesAreBounded(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	rule(t, s, PushRule{Repeat: 100})
	mo := make([]MO, 3*pushCap/101+1)
	for i := range mo {
		mo[i] = MO{DemoInUse, "12345", fmt.Sprint(i)}
	}
	if err := s.SendMO(mo...); err != nil {
		t.Fatal(err)
	}
	if len(s.pushes.queue) != pushCap || len(s.pushes.over) > 2*pushCap || len(s.Pushes()) != 2*pushCap {
		t.Errorf("%d wait, %d over, %d told", len(s.pushes.queue), len(s.pushes.over), len(s.Pushes()))
	}
	if last := s.pushes.over[len(s.pushes.over)-1]; last.Fate != FateLost || last.Problem == "" {
		t.Errorf("the last is %+v", last)
	}
	settle(t, s)
	if len(s.pushes.queue) != 0 || len(s.Pushes()) != pushCap {
		t.Errorf("%d wait, %d told", len(s.pushes.queue), len(s.Pushes()))
	}
}

func TestPushesStayOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "127.0.0.1:8080", "ftp://127.0.0.1/", "http:///x", "http://192.0.2.1/", "http://cmp.example.com/", "http://localhost.example.com/", "http://0.0.0.0/"} {
		if _, err := New(Options{Devices: 1, PushTo: PushAddresses{PushOrder: address}}); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
	s := newSim(t, Options{})
	if err := s.SetPushAddresses(PushAddresses{"sms": "http://127.0.0.1/"}); err == nil {
		t.Error("an unknown kind was taken")
	}
	for _, address := range []string{"http://127.0.0.9:1/x", "https://[::1]/x", "http://localhost:8080/x"} {
		if err := s.SetPushAddresses(PushTo(address)); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	// A hosts file may send a name anywhere.
	_, err := pushClient(time.Second).Get("http://192.0.2.1/")
	if err == nil || !strings.Contains(err.Error(), "not loopback") {
		t.Errorf("dialled: %v", err)
	}
}
