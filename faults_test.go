package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/cmpsim"
)

// labels is what the console must say when an action meets a fault (docs/order-states.md).
var labels = map[cmpsim.Kind]string{
	cmpsim.KindBusiness: "rejected", cmpsim.KindUnauthorised: "unknown",
	cmpsim.KindHang: "unknown", cmpsim.KindDelay: "unknown", cmpsim.KindResetBefore: "unknown", cmpsim.KindResetAfter: "unknown",
	cmpsim.KindTooMany: "unknown", cmpsim.KindInternal: "unknown", cmpsim.KindBadGateway: "unknown", cmpsim.KindUnavailable: "unknown",
	cmpsim.KindHTML: "unknown", cmpsim.KindCut: "unknown", cmpsim.KindBadJSON: "unknown", cmpsim.KindContradiction: "unknown",
}

// slowKinds are known by the console's time limit only.
var slowKinds = []cmpsim.Kind{cmpsim.KindDelay, cmpsim.KindHang}

// variant is one way in which a change goes wrong.
type variant struct {
	name  string
	fault cmpsim.Fault
	want  string
}

// variants are all kinds of faults, each with the effect and without, where the kind leaves a choice.
func variants(t testing.TB, slow bool) []variant {
	t.Helper()
	var list []variant
	for _, kind := range cmpsim.Kinds() {
		want, ok := labels[kind]
		if !ok {
			t.Fatalf("no label for faults of kind %s; what must the console say?", kind)
		}
		if slices.Contains(slowKinds, kind) != slow {
			continue
		}
		for _, apply := range []bool{false, true} {
			if kind == cmpsim.KindResetBefore && apply || kind == cmpsim.KindResetAfter && !apply {
				continue
			}
			f := cmpsim.Fault{Kind: kind, Times: 1, Apply: &apply}
			if kind == cmpsim.KindDelay {
				f.Delay = time.Hour
			}
			list = append(list, variant{fmt.Sprintf("%s, applied %t", kind, apply), f, want})
		}
	}
	if !slow {
		chinese := cmpsim.Fault{Kind: cmpsim.KindBusiness, Times: 1, Code: "5021", Message: "订单状态不允许"}
		both := cmpsim.Fault{Kind: cmpsim.KindContradiction, Times: 1, Code: "5021"}
		list = append(list, variant{"business in Chinese", chinese, "rejected"}, variant{"error code with success", both, "unknown"})
	}
	return list
}

// TestFaults: whatever goes wrong with whichever action, it is sent once, labelled by what is certain, and an
// order in doubt takes no other change.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, d := range deeds {
		t.Run(d.verb, func(t *testing.T) {
			t.Parallel()
			in := startProgram(t, withDevices(1200))
			support := in.signIn(t, "support")
			for _, va := range variants(t, false) {
				t.Run(va.name, func(t *testing.T) {
					tr, second := in.twice(t, support, d.verb)
					in.script(va, d)
					p := support.post(t, tr.action, tr.form)
					in.judge(t, support, tr, p, va.want)
					in.judgeSecond(t, support, tr, second, va.want)
				})
			}
		})
	}
}

// TestFaultsThatTakeTime is the same for answers that never come. The five actions wait side by side.
func TestFaultsThatTakeTime(t *testing.T) {
	t.Parallel()
	in := startProgram(t, withDevices(1200), withTimeout(time.Second))
	support := in.signIn(t, "support")
	for _, va := range variants(t, true) {
		t.Run(va.name, func(t *testing.T) {
			trials, seconds := make([]trial, len(deeds)), make([]url.Values, len(deeds))
			pages, errs := make([]page, len(deeds)), make([]error, len(deeds))
			for i, d := range deeds {
				trials[i], seconds[i] = in.twice(t, support, d.verb)
				in.script(va, d)
			}
			var posts sync.WaitGroup
			for i, tr := range trials {
				posts.Go(func() { pages[i], errs[i] = support.open(t.Context(), http.MethodPost, tr.action, tr.form) })
			}
			posts.Wait()
			for i, tr := range trials {
				if errs[i] != nil {
					t.Fatal(errs[i])
				}
				in.judge(t, support, tr, pages[i], va.want)
				in.judgeSecond(t, support, tr, seconds[i], va.want)
			}
		})
	}
}

// script has the next change of the deed go wrong.
func (in *instance) script(va variant, d deed) {
	f := va.fault
	f.Path = d.call
	in.sim.Script(f)
}

// twice opens the page before an action in two tabs.
func (in *instance) twice(t testing.TB, v *visitor, verb string) (tr trial, second url.Values) {
	t.Helper()
	tr = in.prepareDeed(t, v, verb)
	return tr, tr.again(t, v)
}

// judge compares what the console says of an action with what happened to the order.
func (in *instance) judge(t testing.TB, v *visitor, tr trial, p page, want string) {
	t.Helper()
	sent := changes(in.sim, tr.order.ID)
	if len(sent) != 1 {
		t.Fatalf("%d changes of the order were sent, want 1: %+v", len(sent), sent)
	}
	p.want(t, http.StatusOK)
	status := tr.from
	if sent[0].Applied {
		status = tr.to
	}
	wantStatus(t, in.sim, tr.order.ID, status)
	if got := p.hook("data-outcome"); got != want || p.hook("data-status") != status {
		t.Fatalf("%s: outcome %q and status %q are shown, want %q and %q:\n%s", tr.verb, got, p.hook("data-status"), want, status, p.text())
	}
	wantPair(t, in.dir, tr.order.ID, tr.verb, want)
	if want == "unknown" {
		in.judgeDoubt(t, v, tr, p, sent[0].Applied)
	}
}

// judgeDoubt looks at an order whose change got no answer: settled when its effect is there, else still in doubt.
func (in *instance) judgeDoubt(t testing.TB, v *visitor, tr trial, p page, applied bool) {
	t.Helper()
	if !applied {
		p.says(t, "may or may not have taken effect")
		refused := v.get(t, tr.action).want(t, http.StatusConflict).says(t, "The outcome of the last change is not known yet.")
		if _, ok := refused.fields(tr.action); ok {
			t.Fatal("an order in doubt is offered a form")
		}
		return
	}
	p.says(t, "Settled by reading", "as asked. Something else may have caused it.")
	settled := slices.DeleteFunc(rows(t, in.dir), func(r row) bool { return r.order != tr.order.ID || r.action != "order.settled" })
	if len(settled) != 1 || settled[0].outcome != "effect_present" {
		t.Fatalf("the settlement left these rows: %+v", settled)
	}
	if tr.next != "" {
		next := orderPage(tr.order.ID) + "/" + tr.next
		if _, ok := v.get(t, next).want(t, http.StatusOK).fields(next); !ok {
			t.Fatalf("the order is settled, but %s is not offered", tr.next)
		}
	}
}

// judgeSecond sends the form of the second tab. It is only sent on when nothing changed and nothing is in doubt.
func (in *instance) judgeSecond(t testing.TB, v *visitor, tr trial, second url.Values, first string) {
	t.Helper()
	o, _ := in.sim.Order(tr.order.ID)
	p := v.post(t, tr.action, second)
	n := len(changes(in.sim, tr.order.ID))
	if first != "unknown" && o.Status == tr.from {
		if p.want(t, http.StatusOK).hook("data-outcome") != "ok" || n != 2 {
			t.Fatalf("the order is free, but the second tab got %q and %d changes were sent", p.hook("data-outcome"), n)
		}
		return
	}
	p.want(t, http.StatusConflict)
	if n != 1 {
		t.Fatalf("the second tab had the order changed again: %d changes", n)
	}
}

// TestNotSent: when no connection can be made, nothing left, and the page says so.
func TestNotSent(t *testing.T) {
	t.Parallel()
	sim, door := startSandbox(t, cmpsim.Options{Devices: 400, AccessKey: testAccessKey, SecretKey: testSecretKey})
	target, err := url.Parse(door)
	if err != nil {
		t.Fatal(err)
	}
	// What keeps reads alive after the door is shut is that they reuse their connection; a change opens its own.
	gate := &http.Server{Handler: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}, ReadHeaderTimeout: patience}
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = gate.Serve(ln) }()
	t.Cleanup(func() { _ = gate.Close() })
	in := startProgram(t, withEnv("CMP_BASE_URL", "http://"+ln.Addr().String()))
	in.mine = newPicks(sim)
	support := in.signIn(t, "support")
	var trials []trial
	for _, d := range deeds {
		trials = append(trials, in.prepareDeed(t, support, d.verb))
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tr := range trials {
		p := support.post(t, tr.action, tr.form).want(t, http.StatusOK)
		if p.hook("data-outcome") != "not_sent" || p.hook("data-status") != tr.from {
			t.Errorf("%s: outcome %q, status %q", tr.verb, p.hook("data-outcome"), p.hook("data-status"))
		}
		p.says(t, "This was not sent. Nothing was changed.")
		wantPair(t, in.dir, tr.order.ID, tr.verb, "not_sent")
		if _, ok := support.get(t, tr.action).want(t, http.StatusOK).fields(tr.action); !ok {
			t.Errorf("%s cannot be tried again", tr.verb)
		}
	}
	if sent := changes(sim, ""); len(sent) != 0 {
		t.Errorf("changes reached the CMP: %+v", sent)
	}
}

// TestDoubtEndsWhenTheEffectIsSeen: a change that was not applied at once keeps the order locked until a look
// finds its effect.
func TestDoubtEndsWhenTheEffectIsSeen(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "pause")
	in.sim.Script(cmpsim.Fault{Path: tr.call, Times: 1, Kind: cmpsim.KindBadGateway})
	in.judge(t, support, tr, support.post(t, tr.action, tr.form), "unknown")
	if err := in.elsewhere(t).PauseService(t.Context(), serviceOf(tr.order)); err != nil {
		t.Fatal(err)
	}
	p := support.get(t, orderPage(tr.order.ID)).want(t, http.StatusOK).says(t, "Settled by reading: the order is now suspended")
	if p.hook("data-outcome") != "unknown" || p.hook("data-status") != cmpsim.StatusSuspended {
		t.Errorf("outcome %q, status %q", p.hook("data-outcome"), p.hook("data-status"))
	}
	restart := orderPage(tr.order.ID) + "/restart"
	ask := support.get(t, restart).want(t, http.StatusOK)
	done := support.submit(t, ask, restart, url.Values{"reason": {"ticket 4712"}}).want(t, http.StatusOK)
	if done.hook("data-outcome") != "ok" || strings.Contains(done.text(), "Settled by reading") {
		t.Errorf("after the restart the page says:\n%s", done.text())
	}
}

// TestConsoleLooksByItself: a doubt is settled without anybody opening the order, by one look, although its read has
// to be tried three times.
func TestConsoleLooksByItself(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "cancel")
	in.sim.Script(cmpsim.Fault{Path: tr.call, Times: 1, Kind: cmpsim.KindResetAfter})
	res := support.postOnly(t.Context(), tr.action, tr.form)
	if res.err != nil || res.status != http.StatusSeeOther {
		t.Fatalf("the post got %d, %v", res.status, res.err)
	}
	last := in.sim.Journal()[len(in.sim.Journal())-1].Seq
	in.sim.Script(cmpsim.Fault{Path: "package/queryOrder", Times: 2, Kind: cmpsim.KindBadGateway})
	awaitRequest(t, in.sim, func(r cmpsim.Request) bool {
		return r.Seq > last && strings.HasSuffix(r.Path, "package/queryOrder") && r.Done
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := in.awaitRow(ctx, t, func(r row) bool { return r.order == tr.order.ID && r.action == "order.settled" }); err != nil {
		t.Fatal(err)
	}
	if n := len(changes(in.sim, tr.order.ID)); n != 1 {
		t.Errorf("%d changes were sent, want 1", n)
	}
	tries := slices.DeleteFunc(in.sim.Journal(), func(r cmpsim.Request) bool {
		return r.Seq <= last || !strings.HasSuffix(r.Path, "package/queryOrder") // the mirror reads the device besides
	})
	if n := looksAt(t, in.dir, tr.order.ID); n != 1 || len(tries) != 3 {
		t.Errorf("settled by %d looks and %d reads, want one of three tries", n, len(tries))
	}
}
