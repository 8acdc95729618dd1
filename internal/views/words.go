package views

import (
	"context"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// statusWords say what an order status means (API document, "Query package order", order_status).
var statusWords = map[cmp.OrderStatus]struct{ icon, word, tone, meaning string }{
	cmp.StatusNotEnabled: {"circle-dashed", "Not enabled", "", "Ordered, but not started: it can be opened or cancelled."},
	cmp.StatusInUse:      {"circle-check", "In use", "good", "Started: the device may use data until the quota or the period ends."},
	cmp.StatusEnded:      {"circle-stop", "Ended or cancelled", "", "Over for good. The CMP does not say whether it ended or was cancelled."},
	cmp.StatusSuspended:  {"circle-pause", "Suspended", "warn", "Service is stopped until the order is restarted; its period runs on."},
}

func statusBadge(s cmp.OrderStatus) ui.Badge {
	w, ok := statusWords[s]
	if !ok {
		w.icon, w.word, w.tone = "circle-help", "Status "+string(s), "warn"
	}
	return ui.Badge{Icon: w.icon, Word: w.word, Tone: w.tone, Hook: "status", Value: string(s)}
}

func statusMeaning(s cmp.OrderStatus) string {
	if w, ok := statusWords[s]; ok {
		return w.meaning
	}
	return "The CMP's document does not name this status, so no action is offered."
}

// stageWords say what a lifecycle stage means (API document, "Query device information", lifecycle).
var stageWords = map[cmp.Lifecycle]struct{ icon, word, tone, meaning string }{
	cmp.LifecycleInventory: {"archive", "Inventory", "", "In stock and not used yet."},
	cmp.LifecycleSilent:    {"moon", "Silent", "", "Delivered, and waiting for its first use. When the silent period ends, the usage period begins by itself."},
	cmp.LifecycleUsage:     {"activity", "Usage", "info", "In regular use."},
	cmp.LifecycleSuspended: {"circle-pause", "Suspended service", "warn", "The usage period is over. Without a new order the device goes to disposal when this stage ends."},
	cmp.LifecycleDisposal:  {"ban", "Disposal", "bad", "Withdrawn for recycling. It cannot be used again."},
	cmp.LifecycleInternal:  {"archive", "Internal inventory", "", "In the operator's own stock, not assigned to a customer."},
}

func stageBadge(l cmp.Lifecycle) ui.Badge {
	w, ok := stageWords[l]
	if !ok {
		w.icon, w.word, w.tone = "circle-help", "Stage "+string(l), "warn"
		if l == "" {
			w.word, w.tone = "Stage not stated", ""
		}
	}
	return ui.Badge{Icon: w.icon, Word: w.word, Tone: w.tone, Hook: "lifecycle", Value: string(l)}
}

var outcomeWords = map[string]struct{ icon, word, tone string }{
	audit.OK:                  {"circle-check", "Done", "good"},
	audit.Rejected:            {"circle-x", "Rejected", "bad"},
	audit.Unknown:             {"circle-help", "Outcome unknown", "bad"},
	audit.NotSent:             {"ban", "Not sent", "warn"},
	audit.Denied:              {"ban", "Denied", "bad"},
	audit.Refused:             {"circle-alert", "Refused here", "warn"},
	audit.Failed:              {"circle-x", "Failed", "warn"},
	string(ops.EffectPresent): {"circle-check", "Effect seen", "good"},
	string(ops.EffectAbsent):  {"circle-stop", "No effect", "warn"},
	string(ops.Undetermined):  {"circle-help", "Undetermined", "warn"},
}

func outcomeBadge(outcome string) ui.Badge {
	w, ok := outcomeWords[outcome]
	if !ok {
		return ui.Badge{Icon: "clock", Word: "Sending", Plain: true}
	}
	return ui.Badge{Icon: w.icon, Word: w.word, Tone: w.tone, Plain: outcome == audit.OK}
}

// settledWords say how an outcome that was unknown was settled.
var settledWords = map[string]string{string(ops.EffectPresent): "in effect", string(ops.EffectAbsent): "not in effect", string(ops.Undetermined): "cannot be told"}

// actionBadge is the outcome of an action; a doubt says beside it how it was settled, and alarms no more.
func actionBadge(a ops.Action) ui.Badge {
	if _, ok := settledWords[string(a.State)]; ok {
		return settledBadge(string(a.State))
	}
	return outcomeBadge(a.Outcome())
}

// resultBadge is actionBadge with the hook that tells the outcome, for lists in which a row is one action's result.
func resultBadge(a ops.Action) ui.Badge {
	b := actionBadge(a)
	if a.State == ops.Dispatched {
		b = ui.Badge{Icon: "hourglass", Word: "No answer yet", Tone: "info"}
	}
	b.Hook, b.Value = "outcome", a.Outcome()
	return b
}

// settledBadge stands for an outcome that was unknown until it was settled.
func settledBadge(verdict string) ui.Badge {
	b := outcomeBadge(verdict)
	b.Word, b.Plain = "Outcome unknown, settled: "+settledWords[verdict], false
	return b
}

// verbWords name the verbs on buttons, in headlines and in the past.
var verbWords = map[ops.Verb]struct{ icon, label, title, button, past, what string }{
	ops.Open:    {"play", "Open", "Open this order", "Open the order", "Opened", "Starts the package now; its period begins to run."},
	ops.Pause:   {"pause", "Pause", "Pause this order", "Pause the order", "Paused", "Service stops until restarted. Running sessions may last a few minutes."},
	ops.Restart: {"rotate-ccw", "Restart", "Restart this order", "Restart the order", "Restarted", "Service comes back. The device may need a reboot to attach again."},
	ops.Cancel:  {"ban", "Cancel", "Cancel this order", "Cancel the order", "Cancelled", "Final: the order cannot be used any more."},
	ops.Bind:    {"tag", "Bind", "Bind an IMEI", "Bind the IMEI", "Bound", "The card then works in this hardware only."},
	ops.Buy:     {"shopping-cart", "Order", "Order a package", "Order", "Ordered", ""},
	ops.Send:    {"message-square", "Send", "Send an SMS", "Send", "Taken", ""},
	ops.Unbind:  {"x", "Unbind", "Unbind the IMEI", "Unbind the IMEI", "Unbound", "The card then works in any hardware."},
	ops.End:     {"circle-stop", "End early", "End this order early", "End the order", "Ended", "Final: what is left of the package is lost."},
}

// actionWords name the changes in feeds; the log itself shows its own names.
var actionWords = map[audit.Action]string{
	audit.OrderOpen: "Open", audit.OrderPause: "Pause", audit.OrderRestart: "Restart", audit.OrderCancel: "Cancel", audit.OrderEnd: "End early",
	audit.OrderCreate: "Order a package", audit.SMSSend: "Send an SMS", audit.IMEIBind: "Bind an IMEI", audit.IMEIUnbind: "Unbind the IMEI",
	audit.OrderSettled: "Settle an unknown outcome", audit.SMSSettled: "Settle an unknown outcome", audit.IMEISettled: "Settle an unknown outcome", audit.DoubtTask: "Hand an unknown outcome to a person",
	audit.AuditRedact: "Erase the text", audit.DeviceLabel: "Label", audit.DeviceUnlabel: "Take the label", audit.DeviceNote: "Write a note",
	audit.DeviceNoteEdit: "Change a note", audit.DeviceNoteRemove: "Remove a note",
}

func actionWord(a audit.Action) string {
	if w, ok := actionWords[a]; ok {
		return w
	}
	return string(a)
}

// panel lists all five actions on an order, always in one order, with why the impossible ones are.
func (s *Server) panel(ctx context.Context, who auth.Identity, o cmp.Order, open *ops.Action) templates.ActionPanel {
	p := templates.ActionPanel{OrderID: o.ID, OrderHref: orderHref(o.ID), Package: o.PackageName}
	if open != nil {
		p.Note = "The outcome of the last change is not known yet. No other change is possible until reads have settled it."
	}
	for _, offer := range s.Actions.Offers(ctx, who, o, open) {
		w := verbWords[offer.Verb]
		a := templates.Action{Icon: w.icon, Label: w.label, Why: offer.Why}
		if offer.Allowed {
			a.Href, a.Why = orderHref(o.ID)+"/"+string(offer.Verb), w.what
		}
		p.Items = append(p.Items, a)
	}
	return p
}
