package cmpsim

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// outcome is what a real client sees of one call.
type outcome struct {
	status int
	header http.Header
	body   string
	err    error
}

func (d door) pause(t *testing.T, ctx context.Context) outcome {
	t.Helper()
	req := d.request(t, "POST", "/cmp-api/device/pauseService", orderBody(DemoOrder)).WithContext(ctx)
	req.Header.Set("Accept-Language", "zh-CN")
	res, err := d.client.Do(req)
	if err != nil {
		return outcome{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return outcome{res.StatusCode, res.Header, string(body), err}
}

// looks says what each kind looks like from outside.
var looks = map[Kind]func(outcome) bool{
	KindDelay:       func(o outcome) bool { return strings.Contains(o.body, `"success":true`) },
	KindResetBefore: func(o outcome) bool { return errors.Is(o.err, syscall.ECONNRESET) },
	KindResetAfter:  func(o outcome) bool { return errors.Is(o.err, syscall.ECONNRESET) },
	KindUnauthorised: func(o outcome) bool {
		return o.status == 401 && o.body == `{"message":"client request can't be validated"}`
	},
	KindTooMany:     func(o outcome) bool { return o.status == 429 && o.header.Get("Retry-After") == "5" },
	KindInternal:    func(o outcome) bool { return o.status == 500 && json.Valid([]byte(o.body)) },
	KindBadGateway:  func(o outcome) bool { return o.status == 502 && strings.HasPrefix(o.body, "<html>") },
	KindUnavailable: func(o outcome) bool { return o.status == 503 && strings.HasPrefix(o.body, "<html>") },
	KindHTML: func(o outcome) bool {
		return o.status == 200 && strings.HasPrefix(o.body, "<html>") && strings.HasPrefix(o.header.Get("Content-Type"), "text/html")
	},
	KindCut: func(o outcome) bool {
		return o.status == 200 && errors.Is(o.err, io.ErrUnexpectedEOF) && strings.HasPrefix(o.body, `{"code":"0000"`)
	},
	KindBadJSON: func(o outcome) bool {
		return o.status == 200 && o.err == nil && !json.Valid([]byte(o.body)) && strings.HasPrefix(o.body, "{")
	},
	KindBusiness: func(o outcome) bool {
		return o.status == 200 && o.body == `{"code":"9999","data":null,"message":"系统繁忙，请稍后再试","success":false}`
	},
	KindContradiction: func(o outcome) bool {
		return o.status == 200 && o.body == `{"code":"0000","data":null,"message":"成功","success":false}`
	},
}

// TestEveryFault plays each kind with the effect left to it, on and off.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, kind := range Kinds() {
		if kind == KindHang {
			continue // TestHang has it.
		}
		for name, apply := range map[string]*bool{"by itself": nil, "applied": &yes, "not applied": &no} {
			f := Fault{Path: "pauseService", Times: 1, Kind: kind, Apply: apply}
			if f.check() != nil {
				continue
			}
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				t.Parallel()
				d := openDoor(t, Options{Devices: len(demos)})
				d.Script(f)
				if o := d.pause(t, t.Context()); !looks[kind](o) {
					t.Errorf("seen: %+v", o)
				}
				effect := kind == KindDelay || kind == KindResetAfter || apply != nil && *apply
				d.checkEffect(t, kind, effect)
				// The script is used up: the next answer is honest.
				if o := d.pause(t, t.Context()); o.err != nil || strings.Contains(o.body, `"success":true`) == effect {
					t.Errorf("after the fault: %+v", o)
				}
			})
		}
	}
}

// checkEffect compares the fleet and the journal with what should have happened.
func (d door) checkEffect(t *testing.T, kind Kind, effect bool) {
	t.Helper()
	o, _ := d.Order(DemoOrder)
	if (o.Status == StatusSuspended) != effect {
		t.Errorf("the order has status %s, effect expected: %v", o.Status, effect)
	}
	entries := d.Journal()
	if len(entries) != 1 {
		t.Fatalf("the journal has %d requests", len(entries))
	}
	if q := entries[0]; q.Fault != kind || q.Applied != effect || !q.Done || q.OrderID != DemoOrder {
		t.Errorf("journal: %+v", q)
	}
}

func TestHang(t *testing.T) {
	t.Parallel()
	for _, apply := range []bool{true, false} {
		d := openDoor(t, Options{Devices: len(demos)})
		d.Script(Fault{Kind: KindHang, Apply: &apply})
		ctx, leave := context.WithCancel(t.Context())
		seen := make(chan outcome, 1)
		go func() { seen <- d.pause(t, ctx) }()
		if _, err := d.AwaitRequest(t.Context(), func(q Request) bool { return q.Fault == KindHang && q.Applied == apply }); err != nil {
			t.Fatal(err)
		}
		select {
		case o := <-seen:
			t.Fatalf("a hanging call was answered: %+v", o)
		default:
		}
		leave()
		if o := <-seen; !errors.Is(o.err, context.Canceled) {
			t.Errorf("seen: %+v", o)
		}
		q, err := d.AwaitRequest(t.Context(), func(q Request) bool { return q.Done })
		if err != nil || q.Status != 0 || q.Applied != apply {
			t.Errorf("journal: %+v, %v", q, err)
		}
		d.checkEffect(t, KindHang, apply)
	}
}

func TestDelayWaits(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: len(demos)})
	until := make(chan struct{})
	d.Script(Fault{Kind: KindDelay, Until: until, Times: 1}, Fault{Kind: KindDelay, Delay: 20 * time.Millisecond, Times: 1})
	seen := make(chan outcome, 1)
	go func() { seen <- d.pause(t, t.Context()) }()
	if _, err := d.AwaitRequest(t.Context(), func(q Request) bool { return q.Fault == KindDelay }); err != nil {
		t.Fatal(err)
	}
	if o, _ := d.Order(DemoOrder); o.Status != StatusInUse || len(seen) != 0 {
		t.Errorf("the effect came before the wait was over: %+v", o)
	}
	close(until)
	if o := <-seen; !looks[KindDelay](o) {
		t.Errorf("seen: %+v", o)
	}
	began := time.Now()
	d.post(t, "device/restartService", orderBody(DemoOrder))
	if took := time.Since(began); took < 20*time.Millisecond {
		t.Errorf("the delay took %s", took)
	}
}

// TestDelayedCallerLeaves shows that a change not yet made is not made at all.
func TestDelayedCallerLeaves(t *testing.T) {
	t.Parallel()
	for _, apply := range []bool{true, false} {
		d := openDoor(t, Options{Devices: len(demos)})
		d.Script(Fault{Kind: KindDelay, Delay: time.Hour, Apply: &apply})
		ctx, leave := context.WithCancel(t.Context())
		seen := make(chan outcome, 1)
		go func() { seen <- d.pause(t, ctx) }()
		if _, err := d.AwaitRequest(t.Context(), func(q Request) bool { return q.Fault == KindDelay && q.Applied == apply }); err != nil {
			t.Fatal(err)
		}
		leave()
		<-seen
		if _, err := d.AwaitRequest(t.Context(), func(q Request) bool { return q.Done }); err != nil {
			t.Fatal(err)
		}
		d.checkEffect(t, KindDelay, apply)
	}
}

func TestBusinessAndContradictionTexts(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: len(demos)})
	d.Script(
		Fault{Kind: KindBusiness, Times: 1, Code: "5012", Message: "余额不足，请充值"},
		Fault{Kind: KindBusiness, Times: 1},
		Fault{Kind: KindContradiction, Times: 1, Code: "5012", Message: "ok"},
	)
	for _, want := range []string{
		`{"code":"5012","data":null,"message":"余额不足，请充值","success":false}`,
		`{"code":"9999","data":null,"message":"The system is busy, try again later","success":false}`,
		`{"code":"5012","data":null,"message":"ok","success":true}`,
	} {
		if a := d.post(t, "package/queryOrder", `{}`); string(a.Raw) != want {
			t.Errorf("answered %s, want %s", a.Raw, want)
		}
	}
	codes := ""
	for _, q := range d.Journal() {
		codes += q.Code + " "
	}
	if codes != "5012 9999 5012 " {
		t.Errorf("journal: %s", codes)
	}
}

func TestScriptOrderAndTimes(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: len(demos)})
	d.Script(
		Fault{Path: "package/queryOrder", Kind: KindBusiness, Code: "A", Times: 2},
		Fault{Path: "queryOrder", Kind: KindBusiness, Code: "B"},
		Fault{Kind: KindBusiness, Code: "C", Times: 1},
	)
	var got []string
	for _, path := range []string{"package/queryOrder", "device/queryBatchDevice", "package/queryOrder", "package/queryOrder", "device/queryBatchDevice", "package/queryOrder"} {
		got = append(got, d.post(t, path, `{}`).Code)
	}
	if s := strings.Join(got, " "); s != "A C A B 0000 B" {
		t.Errorf("played %s", s)
	}
	d.ClearFaults()
	if a := d.post(t, "package/queryOrder", `{}`); a.Code != "0000" || len(d.Faults()) != 0 {
		t.Errorf("a cleared fault was played: %s", a.Raw)
	}
}

func TestScriptPanicsOnNonsense(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	s := newSim(t, Options{Devices: 1})
	for _, f := range []Fault{
		{}, {Kind: "typo"}, {Kind: KindHTML, Times: -1}, {Kind: KindDelay, Delay: -1},
		{Kind: KindResetBefore, Apply: &yes}, {Kind: KindResetAfter, Apply: &no},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v was accepted", f)
				}
			}()
			s.Script(Fault{Kind: KindHTML}, f)
		}()
	}
	if len(s.Faults()) != 0 {
		t.Error("a bad script was taken in part")
	}
}
