package views

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

var errOrderID = fault.New(fault.Invalid, "An order id has up to 64 letters, digits, hyphens or underscores, and nothing else. Check it for spaces or signs.")

// listOrders shows one page of orders with the filters that the CMP offers.
func (s *Server) listOrders(c *gin.Context) (response, error) {
	view := templates.OrderList{Device: compact(c.Query("device")), Order: pasted(c.Query("order")), Status: c.Query("status")}
	noteOf(c, view.Device, view.Order, "filter", c.Request.URL.RawQuery)
	number, err := pageNumber(c)
	if err != nil {
		return nil, err
	}
	view.Filtered = view.Device+view.Order+view.Status != ""
	view.Statuses = statusOptions(view.Status)
	view.Chips = chips("/orders", []filter{{"device", "Device", view.Device, true}, {"order", "Order", view.Order, true}, {"status", "Status", view.Status, false}})
	if operator(c).Can(auth.OrdersCreate) && s.offered("/orders/new") {
		view.NewHref = "/orders/new"
	}
	frame := s.frame(c, "Orders")
	if checkOrderFilter(&view) {
		return page(http.StatusUnprocessableEntity, frame, templates.Orders(view)), nil
	}
	list, err := s.CMP.Orders(c.Request.Context(), cmp.OrderQuery{DeviceID: view.Device, OrderID: view.Order, Status: cmp.OrderStatus(view.Status), Page: number, Size: listSize})
	if err != nil {
		return nil, err
	}
	k := s.clock(c)
	view.Total, view.Read = list.Total, k.read(k.now)
	view.Pager = pager("/orders", number, list.Total, len(list.Orders), "device", view.Device, "order", view.Order, "status", view.Status)
	if view.Device != "" {
		view.Note = "The CMP also finds devices whose id contains what was typed."
	}
	for _, o := range list.Orders {
		view.Rows = append(view.Rows, k.orderRow(o))
	}
	if topics := orderTopics(list.Orders, listSize); len(topics) > 0 {
		view.Watch = watch(c, c.Request.URL.RequestURI(), "orders-total orders-read orders-rows", topics...)
	}
	return page(http.StatusOK, frame, templates.Orders(view)), nil
}

// checkOrderFilter tells whether a filter is malformed, and says so at its field.
func checkOrderFilter(v *templates.OrderList) bool {
	if v.Device != "" && !isPartOfID(v.Device) {
		v.DeviceError = "Up to 32 letters or digits."
	}
	if v.Order != "" && !cmp.ValidOrderID(v.Order) {
		v.OrderError = "Up to 64 letters, digits, - or _."
	}
	if _, ok := statusWords[cmp.OrderStatus(v.Status)]; v.Status != "" && !ok {
		v.StatusError = "The CMP has no such status. Choose one of the list."
	}
	return v.DeviceError+v.OrderError+v.StatusError != ""
}

func statusOptions(selected string) []templates.Option {
	options := []templates.Option{{Value: "", Label: "Any status", Selected: selected == ""}}
	for _, st := range []cmp.OrderStatus{cmp.StatusNotEnabled, cmp.StatusInUse, cmp.StatusSuspended, cmp.StatusEnded} {
		options = append(options, templates.Option{Value: string(st), Label: statusWords[st].word, Selected: selected == string(st)})
	}
	return options
}

func (k clock) orderRow(o cmp.Order) templates.OrderRow {
	row := templates.OrderRow{ID: o.ID, Href: orderHref(o.ID), Package: o.PackageName, DeviceID: o.DeviceID, Status: statusBadge(o.Status), Used: meter(o), Ordered: k.upstream(o.Ordered)}
	if o.DeviceID != "" {
		row.DeviceHref = deviceHref(o.DeviceID)
	}
	switch starts, ends := k.upstream(o.Active).Text, k.upstream(o.Expire).Text; {
	case starts != "" && ends != "":
		row.Period = starts + " – " + ends
	case ends != "":
		row.Period = "until " + ends
	case starts != "":
		row.Period = "since " + starts
	}
	return row
}

// showOrder re-reads the order, lets the read settle an open doubt, and shows both, also when the doubt stays.
func (s *Server) showOrder(c *gin.Context) (response, error) {
	id := c.Param("id")
	noteOf(c, "", id)
	if !cmp.ValidOrderID(id) {
		return nil, errOrderID
	}
	asked := s.Now()
	order, err := s.CMP.Order(c.Request.Context(), id)
	if err != nil {
		return s.unreadOrder(c, id, err)
	}
	noteOf(c, order.DeviceID, id)
	open, unsettled := s.Actions.Observe(c.Request.Context(), order, asked)
	if unsettled != nil && open == nil {
		return nil, unsettled // whether a change is open is not known, so none may be offered
	}
	view, err := s.orderView(c, order, open)
	if err != nil {
		return nil, err
	}
	frame := s.orderFrame(c, order, "Order "+id)
	if unsettled != nil {
		c.Set(keyCause, unsettled)
		frame.Notice = &templates.Notice{Tone: "warn", Title: "The last change could not be settled just now.", Text: "The order below has been read, but the database did not take what that tells of the change. The order stays locked until it does."}
	}
	return page(http.StatusOK, frame, templates.OrderPage(view)), nil
}

func (s *Server) orderFrame(c *gin.Context, o cmp.Order, title string) templates.Page {
	crumbs := []templates.Crumb{{Label: "Orders", Href: "/orders"}, {Label: o.ID, ID: true}}
	if o.DeviceID != "" {
		crumbs = []templates.Crumb{{Label: "Devices", Href: "/devices"}, {Label: o.DeviceID, Href: deviceHref(o.DeviceID), ID: true}, {Label: o.ID, ID: true}}
	}
	return s.frame(c, title, crumbs...)
}

// unreadOrder shows what we know of our own last action when the CMP does not give the order.
func (s *Server) unreadOrder(c *gin.Context, id string, readErr error) (response, error) {
	latest, err := s.Actions.Latest(c.Request.Context(), id)
	if err != nil || latest == nil {
		return nil, readErr
	}
	noteOf(c, latest.DeviceID, id)
	c.Set(keyCause, readErr)
	view := templates.UnreadOrder{ID: id, Result: *seen(s.result(c, *latest), *latest, readErr), Trouble: trouble(c, readErr)}
	view.Trouble.Title, view.Trouble.Message = "The order could not be read just now.", why(readErr)
	view.Trouble.BackHref, view.Trouble.BackText = deviceHref(latest.DeviceID), "The device"
	return page(view.Trouble.Status, s.orderFrame(c, cmp.Order{ID: id, DeviceID: latest.DeviceID}, "Order "+id), templates.UnreadOrderPage(view)), nil
}

func (s *Server) orderView(c *gin.Context, o cmp.Order, open *ops.Action) (templates.Order, error) {
	k := s.clock(c)
	view := templates.Order{ID: o.ID, Package: o.PackageName, DeviceID: o.DeviceID, DeviceHref: deviceHref(o.DeviceID), Status: statusBadge(o.Status),
		Meaning: statusMeaning(o.Status), Facts: k.orderFacts(o), Refuelling: k.refuelling(o), Actions: s.panel(c.Request.Context(), operator(c).Identity, o, open), Read: k.read(k.now)}
	view.Watch = watch(c, orderHref(o.ID), "order-state order-read order-result order-actions order-package order-facts order-history", "order:"+o.ID)
	if o.Status == cmp.StatusInUse || o.Status == cmp.StatusSuspended {
		view.Current = k.currentPackage(o)
	}
	latest, err := s.Actions.Latest(c.Request.Context(), o.ID)
	if err != nil {
		return view, err
	}
	if latest != nil {
		view.Result = seen(s.result(c, *latest), *latest, nil)
	}
	if open != nil && view.Result != nil {
		view.Actions.Note = "" // the result says it, with what to do
	}
	view.History, err = s.activity(c, audit.Filter{Order: o.ID})
	return view, err
}

// packageTypes names the periods of packages (API document, "Query package order", package_type).
var packageTypes = map[string]string{"0": "Unlimited daily", "1": "Daily", "2": "Monthly", "3": "Quarterly", "4": "Half-yearly", "5": "Yearly"}

var buyTypes = map[string]string{"1": "Prepaid, fixed period", "2": "Post-paid, renewable"}

func (k clock) orderFacts(o cmp.Order) []templates.Fact {
	facts := []templates.Fact{{Name: "Order id", Value: o.ID, ID: true}, {Name: "Device", Value: o.DeviceID, ID: true, Href: deviceHref(o.DeviceID)}}
	add := func(name, value, note string) {
		if value != "" {
			facts = append(facts, templates.Fact{Name: name, Value: value, Note: note})
		}
	}
	day := func(name string, t cmp.Time) {
		if m := k.upstream(t); m.Text != "" {
			facts = append(facts, templates.Fact{Name: name, At: &m})
		}
	}
	add("Package", o.PackageName, o.PackageCode)
	add("Type", worded(packageTypes, o.PackageType), "")
	add("Bought", worded(buyTypes, o.BuyType), "")
	add("Periods", o.Period, "")
	day("Ordered", o.Ordered)
	day("Started", o.Active)
	day("Ends", o.Expire)
	add("Allowance", volume(o.Allowance), "")
	add("Used", volume(o.Used), "in this period")
	add("Used", volume(o.OrderUsed), "over the whole order")
	add("Test traffic", worded(testTraffic, o.HasTestFlow), "")
	add("Supplier", o.SupplierCode, "")
	return facts
}

// testTraffic is documented where an order is placed (API document, "Bulk Order Package", test_flow_flag).
var testTraffic = map[string]string{"0": "No", "1": "Yes"}

// refuelling lists the extra allowances of an order, in the CMP's order.
func (k clock) refuelling(o cmp.Order) []templates.Refuelling {
	var list []templates.Refuelling
	for _, r := range o.Refuelling {
		list = append(list, templates.Refuelling{ID: r.ID, Volume: volume(r.Allowance), Status: refuellingBadge(r.Status), Ordered: k.upstream(r.Ordered)})
	}
	return list
}

// refuellingBadge says what refpackage_status means (API document, "Query package order"). It is no order status.
func refuellingBadge(status string) ui.Badge {
	switch status {
	case "1":
		return ui.Badge{Icon: "circle-dashed", Word: "Not enabled", Plain: true}
	case "2":
		return ui.Badge{Icon: "circle-check", Word: "In use", Tone: "good", Plain: true}
	case "3":
		return ui.Badge{Icon: "circle-stop", Word: "Used up", Plain: true}
	case "4":
		return ui.Badge{Icon: "ban", Word: "Cancelled", Plain: true}
	case "":
		return ui.Badge{Icon: "circle-help", Word: "Not stated", Plain: true}
	}
	return ui.Badge{Icon: "circle-help", Word: "Status " + status, Tone: "warn"}
}

func worded(words map[string]string, code string) string {
	if w, ok := words[code]; ok {
		return w
	}
	return code
}
