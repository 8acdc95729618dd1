package main

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"testing"

	"cmpconsole/internal/cmpsim"
)

// hold keeps the answer to the next change by a call back until release is called; the change itself is done before
// or after that.
func (in *instance) hold(t testing.TB, call string, applyFirst bool) (release func()) {
	t.Helper()
	gate := make(chan struct{})
	release = sync.OnceFunc(func() { close(gate) })
	t.Cleanup(release)
	in.sim.Script(cmpsim.Fault{Path: call, Times: 1, Kind: cmpsim.KindDelay, Until: gate, Apply: &applyFirst})
	return release
}

// TestThousandPosts sends one form a thousand times at once. The change leaves once, and everybody is led to
// the order's page.
func TestThousandPosts(t *testing.T) {
	t.Parallel()
	const posts = 1000
	in := startProgram(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "pause")
	release := in.hold(t, tr.call, false)
	replies := make([]reply, posts)
	var written, answered sync.WaitGroup
	written.Add(posts)
	for i := range posts {
		once := sync.OnceFunc(written.Done)
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { once() }})
		answered.Go(func() {
			defer once()
			replies[i] = support.postOnly(ctx, tr.action, tr.form)
		})
	}
	written.Wait() // all are on their way before the CMP answers the first
	awaitRequest(t, in.sim, changeOf(tr.order.ID))
	release()
	answered.Wait()
	for i, r := range replies {
		if r.err != nil || r.status != http.StatusSeeOther || r.location != orderPage(tr.order.ID) {
			t.Fatalf("post %d got %d to %q, %v", i, r.status, r.location, r.err)
		}
	}
	if n := len(changes(in.sim, "")); n != 1 {
		t.Fatalf("%d changes were sent, want 1", n)
	}
	wantPair(t, in.dir, tr.order.ID, "pause", "ok")
	late := support.post(t, tr.action, tr.form).want(t, http.StatusOK)
	if late.hook("data-outcome") != "ok" || len(changes(in.sim, "")) != 1 {
		t.Errorf("a post after all of them shows %q; %d changes", late.hook("data-outcome"), len(changes(in.sim, "")))
	}
}

// TestTwoOperatorsAtOnce: of two forms for one order only one is sent, whoever is first.
func TestTwoOperatorsAtOnce(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	first, second := in.signIn(t, "support"), in.signIn(t, "support")
	tr := in.prepareDeed(t, first, "end")
	form := tr.again(t, second)
	release := in.hold(t, tr.call, false)
	done := make(chan reply, 1)
	go func() { done <- first.postOnly(t.Context(), tr.action, tr.form) }()
	awaitRequest(t, in.sim, changeOf(tr.order.ID))
	p := second.post(t, tr.action, form).want(t, http.StatusConflict).says(t, "nothing was sent")
	if _, ok := p.fields(tr.action); ok {
		t.Error("while a change is under way another form is offered")
	}
	second.get(t, orderPage(tr.order.ID)).want(t, http.StatusOK).says(t, "The answer is not here yet.")
	release()
	if r := <-done; r.err != nil || r.status != http.StatusSeeOther {
		t.Fatalf("the first post got %d, %v", r.status, r.err)
	}
	if n := len(changes(in.sim, tr.order.ID)); n != 1 {
		t.Fatalf("%d changes were sent, want 1", n)
	}
	wantStatus(t, in.sim, tr.order.ID, cmpsim.StatusEnded)
}

// TestBrowserLeaves: the operator closes the browser while the CMP works. The change is made and its outcome kept.
func TestBrowserLeaves(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	for _, applyFirst := range []bool{false, true} {
		tr := in.prepareDeed(t, support, "pause")
		release := in.hold(t, tr.call, applyFirst)
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan reply, 1)
		go func() { left <- support.postOnly(ctx, tr.action, tr.form) }()
		awaitRequest(t, in.sim, changeOf(tr.order.ID))
		leave()
		if r := <-left; r.err == nil {
			t.Fatal("the browser did not leave")
		}
		release()
		in.awaitServed(t, http.MethodPost, tr.action)
		wantPair(t, in.dir, tr.order.ID, "pause", "ok")
		wantStatus(t, in.sim, tr.order.ID, cmpsim.StatusSuspended)
		if n := len(changes(in.sim, tr.order.ID)); n != 1 {
			t.Errorf("%d changes were sent, want 1", n)
		}
	}
}

// awaitServed waits for the log line of a request, which is written once it is done with.
func (in *instance) awaitServed(t testing.TB, method, path string) map[string]any {
	t.Helper()
	line, err := in.logs.await(func(line map[string]any) bool {
		return line["msg"] == "request" && line["method"] == method && line["path"] == path
	}, nil)
	if err != nil {
		t.Fatalf("no log line for %s %s: %v", method, path, err)
	}
	return line
}

// TestGracefulStop: a console that is told to stop takes no new connections, waits for the action under way,
// records its outcome, answers, and ends well.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "restart")
	release := in.hold(t, tr.call, true)
	done := make(chan reply, 1)
	go func() { done <- support.postOnly(t.Context(), tr.action, tr.form) }()
	awaitRequest(t, in.sim, func(r cmpsim.Request) bool { return changeOf(tr.order.ID)(r) && r.Applied })
	in.quit()
	awaitRefusal(t, in.url)
	select {
	case r := <-done:
		t.Fatalf("the action was answered before the CMP did: %+v", r)
	default:
	}
	if pending := actionRows(rows(t, in.dir), tr.order.ID, "restart"); len(pending) != 1 || pending[0].phase != "intent" {
		t.Fatalf("before the answer the log has %+v", pending)
	}
	release()
	if r := <-done; r.err != nil || r.status != http.StatusSeeOther || r.location != orderPage(tr.order.ID) {
		t.Errorf("the action under way got %+v", r)
	}
	if code := in.stop(); code != exitOK {
		t.Errorf("the console ended with %d", code)
	}
	wantPair(t, in.dir, tr.order.ID, "restart", "ok")
	if code, out, _ := in.command("", "audit", "verify"); code != exitOK {
		t.Errorf("audit verify: exit %d: %s", code, out)
	}
}

// TestFormsOfOthers: a form belongs to its order, its action and its operator.
func TestFormsOfOthers(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	mine, other := in.prepareDeed(t, support, "pause"), in.prepareDeed(t, support, "pause")
	wrong := url.Values{"csrf": mine.form["csrf"], "reason": mine.form["reason"], "action": other.form["action"]}
	support.post(t, mine.action, wrong).want(t, http.StatusConflict).says(t, "This form is not known here any more. Nothing was sent.")
	end := orderPage(other.order.ID) + "/end"
	support.post(t, end, other.form).want(t, http.StatusConflict)
	if code, _, stderr := in.command(testPassword+"\n", "user", "add", "second", "--roles", "support"); code != exitOK {
		t.Fatal(stderr)
	}
	second := in.visitor(t)
	second.signIn(t, "second", testPassword)
	stolen := mine.again(t, second)
	stolen["action"] = mine.form["action"]
	second.post(t, mine.action, stolen).want(t, http.StatusConflict)
	second.post(t, mine.action, mine.form).want(t, http.StatusForbidden).says(t, "This form does not belong to your present session")
	if sent := changes(in.sim, ""); len(sent) != 0 {
		t.Fatalf("changes were sent: %+v", sent)
	}
}

// TestManyLookAtOnce: a doubt that many look at together is settled once, and everybody gets the page.
func TestManyLookAtOnce(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	for _, kind := range []cmpsim.Kind{cmpsim.KindResetAfter, cmpsim.KindResetBefore} {
		tr := in.prepareDeed(t, support, "pause")
		in.sim.Script(cmpsim.Fault{Path: tr.call, Times: 1, Kind: kind})
		if r := support.postOnly(t.Context(), tr.action, tr.form); r.status != http.StatusSeeOther {
			t.Fatalf("the post got %+v", r)
		}
		pages, errs := make([]page, 40), make([]error, 40)
		var looks sync.WaitGroup
		for i := range pages {
			looks.Go(func() { pages[i], errs[i] = support.open(t.Context(), http.MethodGet, orderPage(tr.order.ID), nil) })
		}
		looks.Wait()
		for i, p := range pages {
			if errs[i] != nil || p.want(t, http.StatusOK).hook("data-outcome") != "unknown" {
				t.Fatalf("look %d shows %q, %v", i, p.hook("data-outcome"), errs[i])
			}
		}
		settled := 0
		for _, r := range rows(t, in.dir) {
			if r.order == tr.order.ID && r.action == "order.settled" {
				settled++
			}
		}
		if want := map[cmpsim.Kind]int{cmpsim.KindResetAfter: 1}[kind]; settled != want {
			t.Errorf("after %s the log has %d settlements, want %d", kind, settled, want)
		}
	}
}
