package views

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/web/templates"
)

type deviceTab struct{ label, path string }

// deviceTabs are the pages of one device, in the order in which they are offered.
var deviceTabs = []deviceTab{
	{"Overview", ""}, {"Orders", "/orders"}, {"Usage", "/usage"}, {"Session", "/session"}, {"SMS", "/sms"}, {"IMEI", "/imei"}, {"Notes", "/notes"}, {"Activity", "/activity"},
}

// headParts are what follows of the head on every page of a device that keeps itself up to date.
const headParts = "device-state device-read device-labels"

// bareHead is the head of a device's page that could not, or need not, be read.
func (s *Server) bareHead(c *gin.Context, id, tab string) templates.DeviceHead {
	head := templates.DeviceHead{ID: id, Labels: s.deviceLabels(c, id)}
	for _, t := range deviceTabs {
		head.Tabs = append(head.Tabs, templates.Link{Label: t.label, Href: deviceHref(id) + t.path, Current: t.label == tab, Off: !s.offered("/devices/:id" + t.path)})
	}
	if tab == "Overview" {
		head.RefreshAction, head.CSRF = deviceHref(id)+"/refresh", operator(c).CSRF
	}
	return head
}

// deviceHead stays on top of all pages of a device: what it is, in which stage, and whether it can be used.
func (s *Server) deviceHead(c *gin.Context, d cmp.Device, tab string) templates.DeviceHead {
	head := s.bareHead(c, d.ID, tab)
	head.Lifecycle, head.Read = stageBadge(d.Lifecycle), s.clock(c).read(s.Now())
	if o, ok := d.Current(); ok {
		badge := statusBadge(o.Status)
		head.Status = &badge
	}
	return head
}

func (s *Server) deviceFrame(c *gin.Context, id, title string) templates.Page {
	return s.frame(c, title, templates.Crumb{Label: "Devices", Href: "/devices"}, templates.Crumb{Label: id, ID: true})
}

// showDeviceOrders shows all orders of a device.
func (s *Server) showDeviceOrders(c *gin.Context) (response, error) {
	id := c.Param("id")
	noteOf(c, id, "", "tab", "orders")
	if !cmp.ValidID(id) {
		return nil, errDeviceID
	}
	r := s.readDevice(c.Request.Context(), id)
	if r.err != nil {
		return nil, deviceFault(r.err)
	}
	view := templates.Device{Head: s.deviceHead(c, r.device, "Orders")}
	view.Head.Watch = watch(c, deviceHref(id)+"/orders", headParts+" device-orders", deviceTopics(r)...)
	if r.ordersErr != nil {
		view.OrdersFail = &templates.Notice{Tone: "warn", Title: "The orders could not be read.", Text: classify(r.ordersErr).Message}
	}
	for _, o := range r.orders {
		view.Orders = append(view.Orders, s.clock(c).orderRow(o))
	}
	return page(http.StatusOK, s.deviceFrame(c, id, "Orders of "+id), templates.DeviceOrders(view)), nil
}

// showDeviceActivity shows what was done to a device in this console, from the log alone: the CMP is asked for the
// head of the page only, and may fail.
func (s *Server) showDeviceActivity(c *gin.Context) (response, error) {
	id := c.Param("id")
	noteOf(c, id, "", "tab", "activity")
	if !cmp.ValidID(id) {
		return nil, errDeviceID
	}
	f := audit.Filter{Device: id, Limit: listSize + 1}
	if text := c.Query("before"); text != "" {
		var ok bool
		if f.Before, ok = serial(text); !ok {
			return nil, fault.New(fault.Invalid, "The page of the log is not given as a row number.")
		}
	}
	rows, err := s.activity(c, f)
	if err != nil {
		return nil, err
	}
	view := templates.DeviceActivity{Head: s.bareHead(c, id, "Activity"), Rows: rows}
	if device, err := s.CMP.Device(c.Request.Context(), id); err == nil {
		view.Head = s.deviceHead(c, device, "Activity")
	}
	view.Head.Watch = watch(c, withQuery(deviceHref(id)+"/activity", "before", c.Query("before")), headParts+" device-activity", "device:"+id)
	if len(rows) > listSize {
		view.Rows = rows[:listSize]
		view.OlderHref = withQuery(deviceHref(id)+"/activity", "before", strconv.FormatInt(view.Rows[listSize-1].Seq, 10))
	}
	return page(http.StatusOK, s.deviceFrame(c, id, "Activity of "+id), templates.DeviceActivityPage(view)), nil
}

// refusedNotice says in a tab that the CMP refused what the tab is about, nil when it did not.
func refusedNotice(refused error) *templates.Notice {
	if refused == nil {
		return nil
	}
	return &templates.Notice{Tone: "warn", Title: "The CMP refused:", Text: said(refused)}
}

// said repeats what the CMP gave as its reason.
func said(err error) string {
	e, ok := errors.AsType[*cmp.Error](err)
	if !ok {
		return "nothing."
	}
	return "“" + e.Message + "” (" + e.Code + ")."
}
