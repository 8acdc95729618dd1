package views

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// newPurchase shows the empty form, with the package or devices of a link, or what became of a batch.
func (s *Server) newPurchase(c *gin.Context) (response, error) {
	if batch := c.Query("batch"); batch != "" {
		return s.batchPage(c, withQuery("/orders/new", "batch", batch), batch)
	}
	found, err := s.catalogue.read(c.Request.Context(), s.CMP, s.Now())
	if err != nil {
		return nil, err
	}
	devices, err := s.selected(c)
	if err != nil {
		return nil, err
	}
	p := purchaseForm{code: c.Query("package"), devicesText: devices, periodsText: "1"}
	if len(c.Request.PostForm) > 0 { // kept over a session that had ended
		p = purchaseFormOf(c, found.packages)
		p.errors = purchaseErrors{}
	}
	view := p.view(c, found.packages)
	view.AsOf = s.clock(c).read(found.at)
	return s.purchasePage(c, http.StatusOK, view), nil
}

// showBatch shows what became of orders that were placed together, also to auditors.
func (s *Server) showBatch(c *gin.Context) (response, error) {
	noteOf(c, "", "", "batch", c.Param("batch"))
	return s.batchPage(c, batchHref(c.Param("batch")), c.Param("batch"))
}

// batchPage is read again at href while its orders are being placed, and when something is heard of one of them.
func (s *Server) batchPage(c *gin.Context, href, batch string) (response, error) {
	running := s.Actions.Running(batch) > 0 // before its orders are read: what ends meanwhile is told as under way, and not as never sent
	list, err := s.Actions.Purchases(c.Request.Context(), operator(c), batch)
	if err != nil {
		return nil, err
	}
	left, err := s.Actions.LeftOut(c.Request.Context(), batch)
	if err != nil {
		return nil, err
	}
	results := s.purchaseResults(c, list, left, running)
	results.Watch = watch(c, href, "batch-state batch-rows", "batch:"+batch)
	return s.purchasePage(c, http.StatusOK, templates.PurchaseForm{Results: results}), nil
}

func (s *Server) purchasePage(c *gin.Context, status int, view templates.PurchaseForm) response {
	frame := s.frame(c, "Order a package", templates.Crumb{Label: "Orders", Href: "/orders"}, templates.Crumb{Label: "New"})
	return page(status, frame, templates.PurchasePage(view))
}

// createPurchase takes both posts of the page: what is to be previewed, and the preview that is to be ordered.
func (s *Server) createPurchase(c *gin.Context) (response, error) {
	ctx := c.Request.Context()
	if batch := c.PostForm("batch"); batch != "" {
		if err := s.Actions.StartCheckout(ctx, operator(c), batch); err != nil {
			return nil, err
		}
		return seeOther(withQuery("/orders/new", "batch", batch)), nil
	}
	found, err := s.catalogue.read(ctx, s.CMP, s.Now())
	if err != nil {
		return nil, err
	}
	p := purchaseFormOf(c, found.packages)
	view := p.view(c, found.packages)
	view.AsOf = s.clock(c).read(found.at)
	if p.wrong() {
		return s.purchasePage(c, http.StatusUnprocessableEntity, view), nil
	}
	preview, err := s.previewPurchase(c, p)
	if err != nil {
		return nil, err
	}
	preview.AsOf, view.Preview = view.AsOf, preview
	return s.purchasePage(c, http.StatusOK, view), nil
}

// previewPurchase looks at every device and keeps what can be ordered, and what is left out.
func (s *Server) previewPurchase(c *gin.Context, p purchaseForm) (*templates.PurchasePreview, error) {
	looks, err := s.survey(c.Request.Context(), p)
	if err != nil {
		return nil, err
	}
	cart := ops.Cart{Package: p.product, Periods: p.periods, Open: p.open, TestFlow: p.testFlow, Reason: p.reason}
	for _, l := range looks {
		if l.verdict.Tone == "bad" {
			cart.LeftOut = append(cart.LeftOut, ops.LeftOut{DeviceID: l.id, Why: l.verdict.Text})
			continue
		}
		cart.Items = append(cart.Items, ops.CartItem{DeviceID: l.id, Orders: l.orders})
	}
	preview, err := purchasePreview(c, p, looks, len(cart.Items))
	if err != nil || len(cart.Items) == 0 {
		return preview, err
	}
	preview.Batch, err = s.Actions.PrepareCart(c.Request.Context(), operator(c), cart)
	return preview, err
}

// look is what the preview found out about a device.
type look struct {
	id      string
	orders  []cmp.Order
	verdict verdict
}

// survey reads every device and its orders, as many at a time as the CMP allows.
func (s *Server) survey(ctx context.Context, p purchaseForm) ([]look, error) {
	looks := make([]look, len(p.devices))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, id := range p.devices {
		group.Go(func() error {
			device, err := s.CMP.Device(ctx, id)
			switch e, _ := errors.AsType[*cmp.Error](err); {
			case e != nil && e.NoSuchDevice():
				looks[i] = look{id: id, verdict: verdict{"bad", "The CMP does not know this device. It is left out."}}
				return nil
			case isRefusedDevice(err):
				looks[i] = look{id: id, verdict: verdict{"bad", "The CMP does not tell of this device, so it is left out. It says: " + said(err)}}
				return nil
			case err != nil:
				return err
			}
			orders, err := s.CMP.OrdersOf(ctx, id)
			if err != nil {
				return err
			}
			looks[i] = look{id: id, orders: orders, verdict: p.judge(device, orders)}
			return nil
		})
	}
	return looks, group.Wait()
}

// maxTestFlow bounds test traffic, in MB: the document names no limit, and a slip of the finger should have one.
const maxTestFlow = 1024

// verdict is what speaks against ordering for a device: nothing (good), something to know (warn), or that it is
// left out (bad).
type verdict struct{ Tone, Text string }

// judge looks at one device before it is ordered for (API document, "Bulk Order Package", the rules at its head).
func (p purchaseForm) judge(d cmp.Device, orders []cmp.Order) verdict {
	has := func(status cmp.OrderStatus) bool {
		return slices.ContainsFunc(orders, func(o cmp.Order) bool { return o.Status == status })
	}
	rules := []struct {
		applies bool
		tone    string
		text    string
	}{
		{d.Lifecycle == cmp.LifecycleDisposal, "bad", "The device is in disposal and cannot be used again."},
		{p.testFlow != "" && len(orders) > 0, "bad", "It has an order already, and test traffic comes with the first only."},
		{p.testFlow != "" && len(orders) == 0 && d.Lifecycle != cmp.LifecycleInventory, "warn", "Test traffic is for devices in inventory, and this one is not."},
		{p.open && d.OTA.Yes() && len(orders) > 0, "bad", "A second package of an OTA device cannot be started at once."},
		{p.open && has(cmp.StatusInUse), "bad", "An order is in use, so another cannot be started at once."},
		{has(cmp.StatusNotEnabled), "warn", "An order is waiting already: this one comes on top."},
		{!p.open && has(cmp.StatusInUse), "warn", "An order is in use: this one waits until it is opened."},
		{has(cmp.StatusSuspended), "warn", "An order is suspended."},
		{d.OTA.Yes(), "warn", "It is an OTA device: its order starts when it is first seen where the package holds."},
	}
	v := verdict{Tone: "good"}
	for _, r := range rules {
		if !r.applies {
			continue
		}
		if v.Text = strings.TrimSpace(v.Text + " " + r.text); r.tone == "bad" || v.Tone == "good" {
			v.Tone = r.tone
		}
	}
	switch v.Tone {
	case "good":
		v.Text = "Nothing."
	case "bad":
		v.Text += " It is left out."
	}
	return v
}

// purchaseForm is what the form of the page sends, as typed and as understood.
type purchaseForm struct {
	code, devicesText, periodsText, testFlow, reason string
	open                                             bool
	product                                          cmp.Package
	devices                                          []string
	periods                                          int
	errors                                           purchaseErrors
}

type purchaseErrors struct{ product, devices, periods, testFlow, reason string }

func (p purchaseForm) wrong() bool { return p.errors != purchaseErrors{} }

func purchaseFormOf(c *gin.Context, packages []cmp.Package) purchaseForm {
	p := purchaseForm{
		code: c.PostForm("package"), devicesText: c.PostForm("devices"), periodsText: strings.TrimSpace(c.PostForm("periods")), open: c.PostForm("open") == "1",
		testFlow: strings.TrimSpace(c.PostForm("test_flow")), reason: strings.TrimSpace(c.PostForm("reason")),
	}
	if i := slices.IndexFunc(packages, func(x cmp.Package) bool { return x.Code == p.code && x.Available() }); i >= 0 {
		p.product = packages[i]
	} else {
		p.errors.product = "Choose one of the packages that can be ordered."
	}
	p.devices, p.errors.devices = devicesIn(p.devicesText, ops.MaxPurchases)
	p.periods, p.errors.periods = periodsIn(p.periodsText, p.product)
	if n, err := strconv.Atoi(p.testFlow); p.testFlow != "" && (err != nil || n < 1 || n > maxTestFlow) {
		p.errors.testFlow = "Write a number of MB from 1 to 1024, or leave it empty."
	}
	if _, err := ops.PaymentOf(p.product, max(p.periods, 1)); err != nil && p.errors.product == "" {
		p.errors.product = classify(err).Message
	}
	if p.errors.product == "" && p.open && p.product.BuyType == "1" {
		p.errors.product = "This package is prepaid: it is opened once it is paid, and cannot be started at once."
	}
	p.errors.reason = ops.CheckReason(p.reason)
	return p
}

// periodsIn reads the number of periods and holds it against what the package allows.
func periodsIn(text string, p cmp.Package) (int, string) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, "Write a whole number from 1 up."
	}
	lowest, errLow := strconv.Atoi(p.MinPeriod)
	highest, errHigh := strconv.Atoi(p.MaxPeriod)
	if errLow == nil && n < lowest || errHigh == nil && !p.Unbounded() && n > highest {
		return n, "This package can be ordered for " + periods(p) + " periods."
	}
	return n, ""
}
