package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"testing"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// sight is a page in one of its states, as one role sees it.
type sight struct {
	name, path string
	status     int // of the page when it is opened
	before     func()
	do         func(b *testkit.Tab) // leads from the page to what is meant
}

// gallery is an instance in which every state of every page can be seen.
type gallery struct {
	*instance
	gate   *gate
	orders map[string]string // by how their last action ended
	task   string            // the action that waits for a person
	sms    string            // the list of those sent together
}

// gate stands before the sandbox and can be shut, so that no connection can be made.
type gate struct {
	server *http.Server
	ln     net.Listener
}

func openGate(t testing.TB, door string) *gate {
	t.Helper()
	target, err := url.Parse(door)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{server: &http.Server{Handler: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}, ReadHeaderTimeout: patience}}
	g.open(t, "127.0.0.1:0")
	t.Cleanup(func() { _ = g.server.Close() })
	return g
}

func (g *gate) open(t testing.TB, address string) {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	g.ln = ln
	go func() { _ = g.server.Serve(ln) }()
}

// shut runs what happens while no connection can be made. Those that are open stay so.
func (g *gate) shut(t testing.TB, meanwhile func()) {
	t.Helper()
	address := g.ln.Addr().String()
	if err := g.ln.Close(); err != nil {
		t.Fatal(err)
	}
	meanwhile()
	g.open(t, address)
}

// newGallery brings orders into every state that an action can leave.
func newGallery(t *testing.T) *gallery {
	t.Helper()
	sim, door := startSandbox(t, cmpsim.Options{Devices: 400, AccessKey: testAccessKey, SecretKey: testSecretKey})
	g := &gallery{gate: openGate(t, door), orders: map[string]string{}}
	g.instance = startProgram(t, withEnv("CMP_BASE_URL", "http://"+g.gate.ln.Addr().String()), withEnv("CMP_PUSH_TOKEN", galleryToken))
	g.sim, g.mine = sim, newPicks(sim)
	for _, device := range []string{cmpsim.DemoInUse, cmpsim.DemoSuspended, cmpsim.DemoWaiting, cmpsim.DemoSeveral, cmpsim.DemoOverQuota} {
		g.mine.taken[device] = true
	}
	support := g.signIn(t, "support")
	g.leave(t, support, "ok", "restart", nil)
	g.leave(t, support, "rejected", "pause", &cmpsim.Fault{Kind: cmpsim.KindBusiness, Code: "5021", Message: "订单状态不允许暂停，请稍后重试"})
	g.leave(t, support, "settled", "pause", &cmpsim.Fault{Kind: cmpsim.KindResetAfter})
	g.leave(t, support, "unknown", "end", &cmpsim.Fault{Kind: cmpsim.KindBadGateway})
	g.leaveTask(t, support)
	g.gate.shut(t, func() { g.leave(t, support, "not_sent", "pause", nil) })
	g.act(t, support, cmpsim.DemoSeveralOrder, "pause", "Ticket 20931: customer reports the tracker as stolen, police report follows")
	withdrawn, _ := g.sim.Sample(cmpsim.SortDisposal)
	g.sms = g.text(t, support, cmpsim.DemoInUse+" "+withdrawn.ID)
	g.callbacks(t)
	return g
}

// text sends an SMS to some devices and returns the address of their list.
func (g *gallery) text(t *testing.T, v *visitor, devices string) string {
	t.Helper()
	form := v.get(t, "/sms/new").fill(t, "/sms/new", url.Values{"devices": {devices}, "content": {"Reboot, please"}, "type": {"1"}})
	send := v.post(t, "/sms/new", form).want(t, http.StatusOK).fill(t, "/sms/new", nil)
	return v.post(t, "/sms/new", send).want(t, http.StatusOK).url.RequestURI()
}

// leave does an action that ends as the fault has it, on an order of its own.
func (g *gallery) leave(t *testing.T, v *visitor, name, verb string, fault *cmpsim.Fault) {
	t.Helper()
	tr := g.prepareDeed(t, v, verb)
	if fault != nil {
		fault.Path, fault.Times = tr.call, 1
		g.sim.Script(*fault)
	}
	v.post(t, tr.action, tr.form).want(t, http.StatusOK)
	g.orders[name] = tr.order.ID
}

// leaveTask leaves a doubt that reads cannot settle: the order ends by another hand before they see what became of it.
func (g *gallery) leaveTask(t *testing.T, v *visitor) {
	t.Helper()
	g.leave(t, v, "task", "pause", &cmpsim.Fault{Kind: cmpsim.KindBadGateway})
	if err := g.elsewhere(t).EndOrder(t.Context(), cmp.EndOrder{OrderID: g.orders["task"], Cause: "Contract over"}); err != nil {
		t.Fatal(err)
	}
	line, err := g.logs.await(message("an action in doubt waits for a person"), nil)
	if err != nil {
		t.Fatalf("nothing waits for a person: %v", err)
	}
	g.task, _ = line["action"].(string)
}

func (g *gallery) act(t *testing.T, v *visitor, id, verb, reason string) {
	t.Helper()
	order, ok := g.sim.Order(id)
	if !ok {
		t.Fatalf("no order %s", id)
	}
	action := orderPage(id) + "/" + verb
	tr := trial{deed: deedOf(verb), order: order, action: action}
	v.post(t, action, tr.fillIn(t, v.get(t, action), reason)).want(t, http.StatusOK)
}

// sample is the page of a device of a sort.
func (g *gallery) sample(sort cmpsim.Sort) string {
	d, _ := g.sim.Sample(sort)
	return "/devices/" + d.ID
}

// doorSights are the pages for who is not signed in.
func (g *gallery) doorSights() []sight {
	return []sight{
		{name: "login", path: "/login"},
		{name: "login-expired", path: "/login?expired=1&next=%2Forders%2FX%2Fpause"},
		{name: "login-wrong", path: "/login", status: http.StatusUnauthorized, do: func(b *testkit.Tab) {
			b.Type("#username", "support")
			b.Type("#password", "wrong")
			b.Submit(shows("The user name or the password is wrong."))
		}},
	}
}

// lists are the pages of many things, as support sees them.
func (g *gallery) lists() []sight {
	return []sight{
		{name: "home", path: "/"},
		{name: "devices", path: "/devices"},
		{name: "devices-beyond", path: "/devices?page=900"},
		{name: "orders", path: "/orders"},
		{name: "orders-filtered", path: "/orders?status=5"},
		{name: "orders-none", path: "/orders?order=ORDER_NOBODY_HAS"},
		{name: "orders-malformed", path: "/orders?device=a%2Fb", status: http.StatusUnprocessableEntity},
		{name: "search-empty", path: "/search"},
		{name: "search", path: "/search?q=8985202600000"},
		{name: "search-none", path: "/search?q=00000000000000"},
		{name: "audit-own", path: "/audit"},
		{name: "sync", path: "/sync"},
		{name: "lifecycle-empty", path: "/lifecycle"},
		{name: "sms-failed", path: "/sms?report=failed&days=7"},
		{name: "keys", path: "/", do: func(b *testkit.Tab) {
			b.Click(`[commandfor="keys"]`)
			b.Until(`document.querySelector("#keys").open`)
		}},
	}
}

// things are the pages of one device or order, as support sees them.
func (g *gallery) things() []sight {
	list := []sight{
		{name: "device", path: "/devices/" + cmpsim.DemoInUse},
		{name: "device-suspended", path: "/devices/" + cmpsim.DemoSuspended},
		{name: "device-waiting", path: "/devices/" + cmpsim.DemoWaiting},
		{name: "device-several", path: "/devices/" + cmpsim.DemoSeveral},
		{name: "device-over-quota", path: "/devices/" + cmpsim.DemoOverQuota},
		{name: "device-no-order", path: "/devices/" + cmpsim.DemoNoOrder},
		{name: "device-orders", path: "/devices/" + cmpsim.DemoSeveral + "/orders"},
		{name: "activity", path: "/devices/" + cmpsim.DemoInUse + "/activity"},
		{name: "usage", path: "/devices/" + cmpsim.DemoInUse + "/usage"},
		{name: "usage-none", path: "/devices/" + cmpsim.DemoNoOrder + "/usage"},
		{name: "usage-422", path: "/devices/" + cmpsim.DemoInUse + "/usage?from=2020-01-01", status: http.StatusUnprocessableEntity},
		{name: "session", path: "/devices/" + cmpsim.DemoInUse + "/session"},
		{name: "session-none", path: "/devices/" + cmpsim.DemoSuspended + "/session"},
		{name: "device-sms", path: "/devices/" + cmpsim.DemoInUse + "/sms/records"},
		{name: "device-sms-422", path: "/devices/" + cmpsim.DemoInUse + "/sms/records?from=2099-01-01", status: http.StatusUnprocessableEntity},
		{name: "device-sms-beyond", path: "/devices/" + cmpsim.DemoInUse + "/sms/records?page=900"},
		{name: "imei", path: "/devices/" + cmpsim.DemoInUse + "/imei"},
		{name: "imei-bind", path: "/devices/" + cmpsim.DemoInUse + "/imei/bind"},
		{name: "sms", path: "/sms"},
		{name: "sms-sent", path: g.sms},
		{name: "sms-new", path: "/sms/new?devices=" + cmpsim.DemoInUse},
		{name: "sms-preview", path: "/sms/new?devices=" + cmpsim.DemoInUse, do: func(b *testkit.Tab) {
			b.Type("#content", "It’s time")
			b.Until(`document.querySelector("#count mark")`)
		}},
		{name: "packages", path: "/packages"},
		{name: "packages-none", path: "/packages?q=nowhere"},
		{name: "package", path: "/packages/LP14230718003102"},
		{name: "device-disposal", path: g.sample(cmpsim.SortDisposal)},
		{name: "device-multi-imsi", path: g.sample(cmpsim.SortMultiIMSI)},
		{name: "order", path: "/orders/" + cmpsim.DemoOrder},
		{name: "order-waiting", path: "/orders/" + cmpsim.DemoWaitingOrder},
	}
	for _, how := range []string{"ok", "rejected", "settled", "unknown", "task", "not_sent"} {
		list = append(list, sight{name: "order-" + how, path: "/orders/" + g.orders[how]})
	}
	return list
}

// askings are the pages before an action.
func (g *gallery) askings() []sight {
	return []sight{
		{name: "preflight-pause", path: "/orders/" + cmpsim.DemoOrder + "/pause"},
		{name: "preflight-open", path: "/orders/" + cmpsim.DemoWaitingOrder + "/open"},
		{name: "preflight-end", path: "/orders/" + cmpsim.DemoOrder + "/end", do: func(b *testkit.Tab) {
			b.Type("#reason", "Ticket 20418: device returned, contract ended by the customer")
			b.Type("#confirm", "0016")
		}},
		{name: "preflight-end-mended", path: "/orders/" + cmpsim.DemoOrder + "/end", do: func(b *testkit.Tab) {
			b.Expect("answered 422: POST")
			b.Type("#reason", "x")
			b.Type("#confirm", "9999")
			b.Go("main form button[type=submit]", `document.querySelectorAll("[aria-invalid]").length === 2`)
		}},
		{name: "preflight-refused", path: "/orders/" + cmpsim.DemoSuspendedOrder + "/pause", status: http.StatusConflict},
		{name: "preflight-doubt", path: "/orders/" + g.orders["unknown"] + "/pause", status: http.StatusConflict},
	}
}

// troubles are the pages that tell what went wrong.
func (g *gallery) troubles() []sight {
	return []sight{
		{name: "error-404", path: "/nowhere", status: http.StatusNotFound},
		{name: "error-404-device", path: "/devices/89000000000000000000", status: http.StatusNotFound},
		{name: "error-422", path: "/devices/short", status: http.StatusUnprocessableEntity},
		{name: "error-502", path: "/orders", status: http.StatusBadGateway, before: func() {
			g.sim.Script(cmpsim.Fault{Path: "package/queryOrder", Kind: cmpsim.KindBadGateway, Times: 3})
		}},
		{name: "error-502-result", path: "/orders/" + g.orders["unknown"], status: http.StatusBadGateway, before: func() {
			g.sim.Script(cmpsim.Fault{Path: "package/queryOrder", Kind: cmpsim.KindBusiness, Code: "5099", Message: "系统繁忙 <b>busy</b>", Times: 1})
		}},
	}
}

// auditorSights are the pages of the log, and what an auditor sees of the others.
func (g *gallery) auditorSights(t *testing.T) []sight {
	t.Helper()
	intent, _ := wantPair(t, g.dir, g.orders["rejected"], "pause", "rejected")
	return append(g.rowSights(t), []sight{
		{name: "audit", path: "/audit"},
		{name: "audit-filtered", path: "/audit?order=" + g.orders["settled"] + "&outcome=unknown"},
		{name: "audit-none", path: "/audit?actor=nobody"},
		{name: "audit-intent", path: fmt.Sprintf("/audit/%d", intent.seq)},
		{name: "order-auditor", path: "/orders/" + cmpsim.DemoOrder},
		{name: "error-403", path: "/orders/" + cmpsim.DemoOrder + "/pause", status: http.StatusForbidden},
	}...)
}

// rowSights are rows of the log of every kind that the gallery has.
func (g *gallery) rowSights(t *testing.T) (list []sight) {
	t.Helper()
	support, auditor := g.signIn(t, "support"), g.signIn(t, "auditor")
	support.get(t, orderPage(g.orders["settled"])).want(t, http.StatusOK) // a look settles it
	support.get(t, "/search?q=8985").want(t, http.StatusOK)
	support.get(t, "/system").want(t, http.StatusForbidden)
	auditor.get(t, "/audit/export?format=jsonl").want(t, http.StatusOK)
	g.visitor(t).post(t, "/login", url.Values{"username": {"support"}, "password": {"wrong"}}).want(t, http.StatusUnauthorized)
	log := rows(t, g.dir)
	for _, kind := range []struct {
		name, action, phase, outcome string
	}{
		{"ok", "order.restart", "outcome", "ok"}, {"rejected", "order.pause", "outcome", "rejected"}, {"unknown", "order.end", "outcome", "unknown"}, {"settled", "order.settled", "event", "effect_present"},
		{"not-sent", "order.pause", "outcome", "not_sent"}, {"sms", "sms.send", "outcome", "ok"}, {"denied", "access.denied", "event", "denied"}, {"view", "order.view", "event", "ok"},
		{"search", "search", "event", "ok"}, {"export", "audit.export", "event", "ok"}, {"door", "session.login_failed", "event", "denied"},
	} {
		i := slices.IndexFunc(log, func(r row) bool {
			return r.action == kind.action && r.phase == kind.phase && r.outcome == kind.outcome
		})
		if i < 0 {
			t.Fatalf("the log has no row %+v", kind)
		}
		list = append(list, sight{name: "audit-" + kind.name, path: fmt.Sprintf("/audit/%d", log[i].seq)})
	}
	return list
}

// otherSights are the pages of account managers and of administrators alone.
func (g *gallery) otherSights() (manager, admin []sight) {
	manager = []sight{
		{name: "order-new", path: "/orders/new"},
		{name: "order-preview", path: "/orders/new?package=DP20190726001274&devices=" + cmpsim.DemoNoOrder + "+" + cmpsim.DemoNoOrder + "+" + cmpsim.DemoInUse + "+89000000000000000000", do: func(b *testkit.Tab) {
			b.Type("#reason", "Ticket 20418")
			b.Go("main form button[type=submit]", shows("What speaks against it"))
		}},
	}
	manager = append(manager, sight{name: "sync-manager", path: "/sync"})
	return manager, []sight{
		{name: "system", path: "/system"},
		{name: "audit-days", path: "/audit?from=2020-01-01&q=ticket"},
		{name: "home-admin", path: "/"},
		{name: "doubt", path: "/doubts/" + g.task},
		{name: "doubt-422", path: "/doubts/" + g.task, do: func(b *testkit.Tab) {
			b.Expect("answered 422: POST")
			b.Go("main form button[type=submit]", `document.querySelectorAll("[aria-invalid]").length === 2`)
		}},
	}
}

// show leads the tab to a sight.
func (s sight) show(b *testkit.Tab) {
	if s.before != nil {
		s.before()
	}
	if s.status != 0 {
		b.Expect(fmt.Sprintf("answered %d: ", s.status))
	}
	b.Open(s.path)
	if s.do != nil {
		s.do(b)
	}
}
