package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// errand is one change of any kind under way, as the outside sees it. No two of an instance share a device.
type errand struct {
	kind   string // the action in the audit log
	who    *visitor
	device string
	key    string // names its order or device in requests
	call   string // the CMP's
	post   string // where its form goes
	form   url.Values
	page   string // where its outcome is shown
	since  uint64 // the last request in the journal before the form could be sent
}

// errandKinds are all kinds of changes.
var errandKinds = []string{"order.open", "order.pause", "order.restart", "order.cancel", "order.end", "imei.bind", "imei.unbind", "sms.send", "order.create"}

// crew are the visitors who run errands: no role may do all of them.
type crew struct{ support, manager *visitor }

func (in *instance) crew(t testing.TB) crew {
	t.Helper()
	return crew{support: in.signIn(t, "support"), manager: in.signIn(t, "manager")}
}

// moved follows the console to the address of its next start.
func (c crew) moved(base string) { c.support.base, c.manager.base = base, base }

// prepareErrand opens the pages before a change of the kind and fills in its form.
func (in *instance) prepareErrand(t testing.TB, c crew, kind string) errand {
	t.Helper()
	e := in.errandOf(t, c, kind)
	journal := in.sim.Journal()
	e.since = journal[len(journal)-1].Seq
	return e
}

func (in *instance) errandOf(t testing.TB, c crew, kind string) errand {
	t.Helper()
	switch kind {
	case "imei.bind", "imei.unbind":
		return in.prepareBinding(t, c.support, strings.TrimPrefix(kind, "imei."))
	case "sms.send":
		return in.prepareSMS(t, c.support)
	case "order.create":
		return in.preparePurchase(t, c.manager)
	}
	tr := in.prepareDeed(t, c.support, strings.TrimPrefix(kind, "order."))
	return errand{kind: kind, who: c.support, device: tr.order.DeviceID, key: tr.order.ID, call: tr.call, post: tr.action, form: tr.form, page: orderPage(tr.order.ID)}
}

// someIMEI has a check digit that fits.
const someIMEI = "860996043052016"

func (in *instance) prepareBinding(t testing.TB, v *visitor, verb string) errand {
	t.Helper()
	for {
		card := in.mine.device(t, cmpsim.SortInUse)
		device := card.ID
		page := "/devices/" + device + "/imei"
		e := errand{kind: "imei." + verb, who: v, device: device, key: device, call: "device/bind", post: page + "/" + verb, page: page}
		typed := url.Values{"reason": {"ticket 4711"}}
		if verb == "unbind" {
			typed.Set("confirm", device[len(device)-4:])
			other := in.elsewhere(t)
			if _, err := other.Bindings(t.Context(), device); err != nil {
				continue // a card that takes no part
			}
			if err := other.BindIMEI(t.Context(), cmp.Binding{DeviceID: device, IMEI: someIMEI, OTA: card.OTA}); err != nil {
				t.Fatal(err)
			}
		} else {
			typed.Set("imei", someIMEI)
		}
		if p := v.get(t, e.post); p.status == http.StatusOK {
			e.form = p.fill(t, e.post, typed)
			return e
		}
	}
}

func (in *instance) prepareSMS(t testing.TB, v *visitor) errand {
	t.Helper()
	device := in.mine.device(t, cmpsim.SortInUse).ID
	e := errand{kind: "sms.send", who: v, device: device, key: device, call: "sms/sendSms", post: "/sms/new"}
	empty := v.get(t, e.post).want(t, http.StatusOK)
	preview := v.submit(t, empty, e.post, url.Values{"devices": {device}, "content": {"Reboot, please"}, "type": {"1"}}).want(t, http.StatusOK)
	e.form = preview.fill(t, e.post, nil)
	e.page = "/sms?batch=" + e.form.Get("batch")
	return e
}

func (in *instance) preparePurchase(t testing.TB, v *visitor) errand {
	t.Helper()
	device := in.mine.device(t, cmpsim.SortEnded).ID
	e := errand{kind: "order.create", who: v, device: device, key: device, call: "package/batchOrderPackages", post: "/orders/new"}
	empty := v.get(t, e.post).want(t, http.StatusOK)
	order := url.Values{"package": {"DP20190726001274"}, "devices": {device}, "periods": {"1"}, "reason": {"ticket 4711"}}
	e.form = v.submit(t, empty, e.post, order).want(t, http.StatusOK).fill(t, e.post, nil)
	e.page = "/orders/new?batch=" + e.form.Get("batch")
	return e
}

// device is a device of the sort that no other caller gets.
func (p *picks) device(t testing.TB, sort cmpsim.Sort) cmpsim.Device {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.sim.Samples(sort, 5000) {
		if !p.taken[d.ID] && d.Lifecycle != cmpsim.LifecycleDisposal {
			p.taken[d.ID] = true
			return d
		}
	}
	t.Fatalf("the sandbox has no device left that is %s", sort)
	return cmpsim.Device{}
}

// names matches every request about the errand's order or device.
func (e errand) names(r cmpsim.Request) bool {
	return strings.Contains(r.Path+"?"+r.Query+r.Body, e.key)
}

// asks matches the request that asks for the change.
func (e errand) asks(r cmpsim.Request) bool {
	return r.Seq > e.since && strings.HasSuffix(r.Path, e.call) && e.names(r)
}

// changesSomething matches the requests that ask for a change of any kind.
func changesSomething(r cmpsim.Request) bool {
	return isChange(r) || slices.ContainsFunc([]string{"device/bind", "sms/sendSms", "package/batchOrderPackages"}, func(call string) bool { return strings.HasSuffix(r.Path, call) })
}

// sent are the requests in the journal that ask for the change.
func (e errand) sent(journal []cmpsim.Request) []cmpsim.Request {
	return slices.DeleteFunc(slices.Clone(journal), func(r cmpsim.Request) bool { return !e.asks(r) })
}

// rows are those of the log about the errand: its intent, its outcome or refusal.
func (e errand) rows(all []row) []row {
	return slices.DeleteFunc(slices.Clone(all), func(r row) bool { return r.action != e.kind || r.device != e.device })
}

// wrong compares what the log says of the errand with what arrived at the CMP; it is empty when nothing is wrong.
func (e errand) wrong(all []row, journal []cmpsim.Request) string {
	sent, outcome := e.sent(journal), ""
	var intents, outcomes []row
	for _, r := range e.rows(all) {
		switch r.phase {
		case "intent":
			intents = append(intents, r)
		case "outcome":
			outcomes, outcome = append(outcomes, r), r.outcome
		}
	}
	switch {
	case len(sent) > 1:
		return fmt.Sprintf("was sent %d times", len(sent))
	case len(intents) > 1 || len(outcomes) > 1:
		return fmt.Sprintf("has %d intents and %d outcomes", len(intents), len(outcomes))
	case len(sent) == 1 && (len(intents) == 0 || intents[0].at.After(sent[0].Time)):
		return "was sent without an earlier intent"
	case len(intents) == 1 && len(outcomes) == 0:
		return "has an intent and no outcome"
	case outcome == "ok" && (len(sent) == 0 || !sent[0].Applied):
		return "is ok in the log, and was never applied"
	case (outcome == "rejected" || outcome == "not_sent" || outcome == "") && len(sent) == 1 && sent[0].Applied:
		return fmt.Sprintf("was applied, and is %q in the log", outcome)
	}
	return ""
}
