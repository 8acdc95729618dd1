package views

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/ops"
)

// tiny is a package of the sandbox: post-paid, 1 to 12 months.
const tiny = "DP20190726001274"

func orderForm(devices string) url.Values {
	return url.Values{"package": {tiny}, "devices": {devices}, "periods": {"1"}, "open": {"0"}, "reason": {"Ticket 4711"}}
}

// ordered counts the bulk orders that reached the CMP.
func (st *site) ordered() (n int) {
	for _, q := range st.sim.Journal() {
		if strings.HasSuffix(q.Path, "/batchOrderPackages") {
			n++
		}
	}
	return n
}

// hidden is the form of a preview.
func hidden(t *testing.T, a answer) url.Values {
	t.Helper()
	form := url.Values{}
	for _, input := range all(a.tree(t), "input", "value") {
		if attr(input, "type") == "hidden" {
			form.Set(attr(input, "name"), attr(input, "value"))
		}
	}
	return form
}

// An account manager orders for pasted devices: the preview says what speaks against each, leaves out who cannot
// have it, and the order goes out once for each of the others.
func TestOrderAPackage(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Manager)
	pasted := cmpsim.DemoNoOrder + "; " + cmpsim.DemoInUse + "\n" + cmpsim.DemoNoOrder + "，89000000000000000000"
	preview := v.post("/orders/new", orderForm(pasted)).want(t, http.StatusOK)
	for _, text := range []string{"Order for 2 devices", "It is left out.", "An order is in use: this one waits until it is opened.", "Pasted more than once and taken once: " + cmpsim.DemoNoOrder + ".", "by invoice, nothing now"} {
		if !strings.Contains(preview.body, text) {
			t.Errorf("the preview does not say %q", text)
		}
	}
	if rows := all(preview.tree(t), "tr", "data-id"); len(rows) != 3 || st.ordered() != 0 {
		t.Errorf("%d devices in the preview, %d orders sent", len(rows), st.ordered())
	}
	form := hidden(t, preview)
	to := v.post("/orders/new", form).want(t, http.StatusSeeOther).header.Get("Location")
	v.post("/orders/new", form).want(t, http.StatusSeeOther)
	results := v.get(to).want(t, http.StatusOK)
	if n := st.ordered(); n != 2 || !strings.Contains(results.body, "2 orders placed.") || !strings.Contains(results.body, "For 1 device nothing was ordered") || !strings.Contains(textOf(results.tree(t)), "0000 0000 0000 Left out") {
		t.Errorf("%d orders sent: %s", n, textOf(results.tree(t)))
	}
	if d, _ := st.sim.Device(cmpsim.DemoNoOrder); len(d.Orders) != 1 || d.Orders[0].PackageCode != tiny || !strings.Contains(results.body, d.Orders[0].ID) {
		t.Errorf("the device has %+v", d.Orders)
	}
	st.visitAs(t, "other", auth.Manager).get(to).want(t, http.StatusConflict)
	// An auditor comes to it from the row of any of its orders.
	auditor := st.visit(t, auth.Auditor)
	rows, err := st.Audit.List(t.Context(), audit.Filter{Action: string(audit.OrderCreate), Limit: 1})
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	batch := "/orders/batches/" + strings.TrimPrefix(to, "/orders/new?batch=")
	if !strings.Contains(auditor.get(auditHref(rows[0].Seq)).body, `href="`+batch+`"`) || !strings.Contains(auditor.get(batch).want(t, http.StatusOK).body, "2 orders placed.") {
		t.Error("the auditor finds no way to the batch")
	}
}

// What is wrong stands at its field, what was typed stays, and the CMP is asked for the catalogue only.
func TestOrdersThatCannotBePreviewed(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Manager)
	for said, change := range map[string][2]string{
		"Choose one of the packages that can be ordered.":         {"package", "DP20180611000077"},
		"Name at least one device.":                               {"devices", " "},
		"These are no device ids: x-1.":                           {"devices", "x-1"},
		"This package can be ordered for 1 to 12 periods.":        {"periods", "13"},
		"Write a whole number from 1 up.":                         {"periods", "many"},
		"Write a number of MB from 1 to 1024, or leave it empty.": {"test_flow", "-1"},
		"Say why, in a few words.":                                {"reason", ""},
	} {
		form := orderForm(cmpsim.DemoNoOrder)
		form.Set(change[0], change[1])
		a := v.post("/orders/new", form).want(t, http.StatusUnprocessableEntity)
		if !strings.Contains(a.body, said) || change[0] != "reason" && !strings.Contains(a.body, "Ticket 4711") {
			t.Errorf("the page does not say %q: %s", said, textOf(a.tree(t)))
		}
	}
	prepaid := orderForm(cmpsim.DemoNoOrder)
	prepaid.Set("package", "LP14240412004480")
	prepaid.Set("periods", "90")
	prepaid.Set("open", "1")
	if a := v.post("/orders/new", prepaid).want(t, http.StatusUnprocessableEntity); !strings.Contains(a.body, "This package is prepaid") {
		t.Errorf("a prepaid package is started at once: %s", textOf(a.tree(t)))
	}
	prepaid.Set("open", "0")
	if a := v.post("/orders/new", prepaid).want(t, http.StatusOK); !strings.Contains(a.body, "CN¥ 1350.00 a device") || !strings.Contains(a.body, "CN¥ 1350.00 for 1 device") {
		t.Errorf("the price of 90 periods: %s", textOf(a.tree(t)))
	}
	v.post("/orders/new", url.Values{"batch": {"none"}, "reason": {"Ticket"}}).want(t, http.StatusConflict)
	if st.ordered() != 0 {
		t.Error("something was ordered")
	}
}

// Each refusal of a single device is shown with it, and the others go through.
func TestSomeDevicesAreRefused(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Manager)
	form := hidden(t, v.post("/orders/new", orderForm(cmpsim.DemoNoOrder+" "+cmpsim.DemoSuspended+" "+cmpsim.DemoWaiting)).want(t, http.StatusOK))
	st.sim.Script(cmpsim.Fault{Path: "batchOrderPackages", Times: 1, Kind: cmpsim.KindBusiness, Code: "3010", Message: "设备已锁定"}, cmpsim.Fault{Path: "batchOrderPackages", Times: 1, Kind: cmpsim.KindResetAfter})
	a := v.get(v.post("/orders/new", form).want(t, http.StatusSeeOther).header.Get("Location"))
	for _, text := range []string{"设备已锁定", "unknown", "Do not order again before that is settled."} {
		if !strings.Contains(a.body, text) {
			t.Errorf("the results do not say %q: %s", text, textOf(a.tree(t)))
		}
	}
	if st.ordered() != 3 {
		t.Errorf("%d orders sent", st.ordered())
	}
}

// A pasted list is read whatever stands between its ids; what is there twice is named.
func TestPastedLists(t *testing.T) {
	t.Parallel()
	a, b := cmpsim.DemoInUse, cmpsim.DemoSuspended
	for _, text := range []string{a + "\u00a0" + b, a + "\u3000" + b, a + "/" + b, `"` + a + `","` + b + `"`, "['" + a + "', '" + b + "']", a + "，" + b, a[:4] + "-" + a[4:] + "\t" + b} {
		if ids, wrong := devicesIn(text, 5); wrong != "" || len(ids) != 2 || ids[0] != a || ids[1] != b {
			t.Errorf("%q: %v, %s", text, ids, wrong)
		}
	}
	if got := doubledIn(a + " " + b + "," + a + ";" + a); len(got) != 1 || got[0] != a {
		t.Errorf("doubled: %v", got)
	}
}

// All that speaks against a device is told, not only the first of it.
func TestAllThatSpeaksAgainst(t *testing.T) {
	t.Parallel()
	orders := []cmp.Order{{Status: cmp.StatusInUse}, {Status: cmp.StatusNotEnabled}}
	for want, tt := range map[string]struct {
		form   purchaseForm
		device cmp.Device
		orders []cmp.Order
	}{
		"good Nothing.": {},
		"warn An order is waiting already: this one comes on top. An order is in use: this one waits until it is opened.":                   {orders: orders},
		"bad An order is in use, so another cannot be started at once. An order is waiting already: this one comes on top. It is left out.": {form: purchaseForm{open: true}, orders: orders},
		"warn Test traffic is for devices in inventory, and this one is not.":                                                               {form: purchaseForm{testFlow: "5"}, device: cmp.Device{Lifecycle: cmp.LifecycleUsage}},
		"warn It is an OTA device: its order starts when it is first seen where the package holds.":                                         {device: cmp.Device{OTA: "1"}},
	} {
		if v := tt.form.judge(tt.device, tt.orders); v.Tone+" "+v.Text != want {
			t.Errorf("%s %s, want %s", v.Tone, v.Text, want)
		}
	}
}

// Who looks at orders that are being placed sees how far they are, and the page follows: it is told when one has been sent and when it has
// its answer, and reads itself without a row in the log.
func TestABatchIsLive(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Manager)
	form := hidden(t, v.post("/orders/new", orderForm(cmpsim.DemoNoOrder+" "+cmpsim.DemoSuspended)).want(t, http.StatusOK))
	batch := form.Get("batch")
	answers := make(chan struct{})
	st.sim.Script(cmpsim.Fault{Path: "batchOrderPackages", Times: 1, Kind: cmpsim.KindDelay, Until: answers})
	stream, posted := v.stream([]string{"batch:" + batch}), make(chan answer)
	go func() { posted <- v.post("/orders/new", form) }()
	stream.wantChanged("batch:" + batch)
	for _, path := range []string{"/orders/batches/" + batch, "/orders/new?batch=" + batch} {
		a := v.get(path).want(t, http.StatusOK)
		if w := watchOf(t, a); w.Topics != "batch:"+batch || w.Href != path || w.Parts != "batch-state batch-rows" {
			t.Errorf("it listens to %+v", w)
		}
		text := textOf(a.tree(t))
		for _, words := range []string{"Ordering: 0 of 2 done.", "No answer yet", "Waiting"} {
			if !strings.Contains(text, words) {
				t.Errorf("while the first is on its way the page does not say %q: %s", words, text)
			}
		}
	}
	rows, err := st.Audit.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v.get("/orders/batches/"+batch, liveHeader, "1", "HX-Request", "true").want(t, http.StatusOK)
	if now, err := st.Audit.Count(t.Context()); err != nil || now != rows {
		t.Errorf("reading itself it leaves %d rows, %v", now-rows, err)
	}
	close(answers)
	stream.wantChanged("batch:" + batch)
	(<-posted).want(t, http.StatusSeeOther)
	if text := textOf(v.get("/orders/batches/" + batch).tree(t)); !strings.Contains(text, "2 orders placed.") || strings.Contains(text, "Waiting") {
		t.Errorf("then it says %s", text)
	}
}

// A result says whether the order has been seen since.
func TestAConfirmedPurchase(t *testing.T) {
	t.Parallel()
	a := ops.Action{State: ops.OK}
	if _, text := purchaseResult(a, false); text != "The CMP accepted it." {
		t.Errorf("accepted: %s", text)
	}
	a.Confirmed = time.Now()
	if _, text := purchaseResult(a, false); !strings.Contains(text, "has been read since") {
		t.Errorf("confirmed: %s", text)
	}
}
