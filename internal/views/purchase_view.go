package views

import (
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// view fills the form with what was typed.
func (p purchaseForm) view(c *gin.Context, packages []cmp.Package) templates.PurchaseForm {
	view := templates.PurchaseForm{
		CSRF: operator(c).CSRF, Devices: p.devicesText, Periods: p.periodsText, TestFlow: p.testFlow, Reason: p.reason,
		Open:         []templates.Option{{Value: "0", Label: "Later, when it is opened", Selected: !p.open}, {Value: "1", Label: "At once", Selected: p.open}},
		PackageError: p.errors.product, DevicesError: p.errors.devices, PeriodsError: p.errors.periods, TestFlowError: p.errors.testFlow, ReasonError: p.errors.reason,
		Packages: []templates.Option{{Label: "Choose a package", Selected: p.code == ""}},
	}
	for _, one := range packages {
		if one.Available() {
			view.Packages = append(view.Packages, templates.Option{Value: one.Code, Label: one.Name + " · " + allowance(one) + " · " + price(one), Selected: one.Code == p.code})
		}
	}
	return view
}

// purchasePreview shows what would be ordered, and what speaks against it device by device.
func purchasePreview(c *gin.Context, p purchaseForm, looks []look, count int) (*templates.PurchasePreview, error) {
	pay, err := ops.PaymentOf(p.product, p.periods)
	if err != nil {
		return nil, err
	}
	start := "later, when it is opened"
	if p.open {
		start = "at once"
	}
	v := &templates.PurchasePreview{
		CSRF: operator(c).CSRF, Title: "Order for " + plural(count, "device"), BackHref: withQuery("/orders/new", "package", p.code, "devices", strings.Join(p.devices, " ")),
		Note: "Each device is ordered for once. If an answer is lost, we say so and check.",
		Package: known(
			templates.Fact{Name: "Package", Value: p.product.Name, Note: p.product.Code}, templates.Fact{Name: "Allowance", Value: allowance(p.product), Note: "of one period"},
			templates.Fact{Name: "Periods", Value: number(p.periods), Note: worded(packageTypes, p.product.Type)}, templates.Fact{Name: "Starts", Value: start},
			templates.Fact{Name: "Test traffic", Value: megabytes(p.testFlow)}, templates.Fact{Name: "Paid", Value: payment(pay)}, templates.Fact{Name: "In all", Value: inAll(pay, count)}, templates.Fact{Name: "Reason", Value: p.reason},
		),
	}
	if doubled := doubledIn(p.devicesText); len(doubled) > 0 {
		v.Doubled = "Pasted more than once and taken once: " + strings.Join(doubled, ", ") + "."
	}
	if count == 0 {
		v.Title, v.Note = "No device can be ordered for", "See below what speaks against each."
	}
	badges := map[string]ui.Badge{
		"good": {Icon: "circle-check", Word: "Fine", Tone: "good"}, "warn": {Icon: "triangle-alert", Word: "Look twice", Tone: "warn"}, "bad": {Icon: "ban", Word: "Left out", Tone: "bad"},
	}
	for _, l := range looks {
		v.Rows = append(v.Rows, templates.PurchaseCheck{ID: l.id, Href: deviceHref(l.id), Badge: badges[l.verdict.Tone], Text: l.verdict.Text})
	}
	return v, nil
}

func megabytes(n string) string {
	if n == "" {
		return ""
	}
	return n + " MB"
}

func payment(p ops.Payment) string {
	if p.Paid {
		return "by invoice, nothing now"
	}
	return "CN¥ " + p.Amount + " a device, before it can be opened"
}

// inAll is the money for all devices, nothing when nothing is to be paid now.
func inAll(p ops.Payment, devices int) string {
	if p.Paid || devices == 0 {
		return ""
	}
	return "CN¥ " + p.Times(devices) + " for " + plural(devices, "device")
}

// purchaseResults tells device by device what became of an order.
func (s *Server) purchaseResults(c *gin.Context, list []ops.Purchase, left []ops.LeftOut, running bool) *templates.PurchaseResults {
	r := &templates.PurchaseResults{Package: list[0].PackageName}
	if operator(c).Can(auth.OrdersCreate) {
		r.NewHref = "/orders/new"
	}
	placed, unknown, waiting := 0, 0, 0
	for _, p := range list {
		row := templates.PurchaseResult{DeviceID: p.DeviceID, DeviceHref: deviceHref(p.DeviceID), OrderID: p.OrderID, OrderHref: linkTo(orderHref, p.OrderID)}
		row.Outcome, row.Text = purchaseResult(p.Action, running)
		switch p.Action.State {
		case ops.Prepared:
			waiting++
		case ops.OK, ops.EffectPresent:
			placed++
		case ops.Dispatched:
			waiting++
			unknown++
		case ops.Unknown, ops.Undetermined:
			unknown++
		}
		if p.Action.IntentSeq > 0 && (p.Action.Actor == operator(c).Name || operator(c).Can(auth.AuditRead)) {
			row.AuditHref = auditHref(p.Action.IntentSeq)
		}
		r.Rows = append(r.Rows, row)
	}
	for _, l := range left {
		r.Rows = append(r.Rows, templates.PurchaseResult{DeviceID: l.DeviceID, DeviceHref: deviceHref(l.DeviceID), Outcome: ui.Badge{Icon: "ban", Word: "Left out", Tone: "warn"}, Text: l.Why})
	}
	if running {
		r.Notice, r.Meter = underWay("Ordering", len(list), len(list)-waiting)
		r.Notice.Href, r.Notice.Link = batchHref(list[0].Batch), "Look again"
		return r
	}
	r.Notice = purchaseNotice(len(list)+len(left), placed, unknown)
	return r
}

// underWay tells how far changes are that are being made together.
func underWay(doing string, all, done int) (templates.Notice, *ui.Meter) {
	meter := &ui.Meter{Known: true, Percent: 100 * done / all, Text: number(done) + " of " + number(all)}
	return templates.Notice{Title: doing + ": " + meter.Text + " done.", Text: "The others follow one after the other, also when you leave this page."}, meter
}

// purchaseResult is what became of one device's order, and what there is to say of it. While its batch is running there may be nothing yet.
func purchaseResult(a ops.Action, running bool) (b ui.Badge, text string) {
	b = resultBadge(a)
	b.Plain = false
	switch a.State {
	case ops.Prepared:
		if running {
			return ui.Badge{Icon: "clock", Word: "Waiting", Plain: true}, "Its turn comes."
		}
		return ui.Badge{Icon: "clock", Word: "Not ordered yet", Plain: true}, "The order was previewed and not sent."
	case ops.Refused, ops.Expired:
		return outcomeBadge(audit.Refused), a.Why
	case ops.Dispatched:
		return b, "It has been sent, and the answer is not here yet. It is never sent again by itself."
	case ops.OK:
		if !a.Confirmed.IsZero() {
			return b, "The CMP accepted it, and the order has been read since."
		}
		return b, "The CMP accepted it."
	case ops.Unknown:
		return b, a.Why + " The order may or may not be there. It is never sent again by itself; the device's orders are read until that is certain."
	case ops.EffectPresent, ops.EffectAbsent, ops.Undetermined:
		if a.SettledBy != "" {
			return b, "The answer was lost, and reads could not tell: " + a.SettledBy + " has settled it."
		}
		return b, "The answer was lost. The device's orders have been read since."
	case ops.Rejected:
		return b, "The CMP says: " + strings.TrimSpace(a.Message+" "+a.Code)
	}
	return b, a.Why
}

func purchaseNotice(all, placed, unknown int) templates.Notice {
	n := templates.Notice{Tone: "good", Title: plural(placed, "order") + " placed.", Text: "Open a device or an order to go on."}
	if placed < all {
		n.Tone, n.Text = "warn", "For "+plural(all-placed-unknown, "device")+" nothing was ordered: each line says why."
	}
	if unknown > 0 {
		n.Tone, n.Text = "bad", "The outcome for "+plural(unknown, "device")+" is unknown. Do not order again before that is settled. "+n.Text
	}
	return n
}
