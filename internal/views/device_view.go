package views

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// deviceView builds the page of a device from what was read.
func (s *Server) deviceView(c *gin.Context, r deviceReading) (templates.Device, error) {
	k, d := s.clock(c), r.device
	view := s.deviceStages(c, d)
	view.Identity = append(identity(d), s.boundFact(c, d.ID)...)
	view.Head.Watch = watch(c, deviceHref(d.ID), headParts+" device-actions device-lifecycle device-package device-orders device-notes device-activity device-identity", deviceTopics(r)...)
	if r.ordersErr != nil {
		view.OrdersFail = &templates.Notice{Tone: "warn", Title: "The orders could not be read.", Text: classify(r.ordersErr).Message}
	}
	for _, o := range r.orders {
		view.Orders = append(view.Orders, k.orderRow(o))
	}
	if err := s.deviceActions(c, r, &view); err != nil {
		return view, err
	}
	return view, s.deviceRecords(c, d.ID, &view)
}

// deviceStages begins the page of a device: its head and its lifecycle, as they were read or as the copy has them.
func (s *Server) deviceStages(c *gin.Context, d cmp.Device) templates.Device {
	k := s.clock(c)
	return templates.Device{
		Head:    s.deviceHead(c, d, "Overview"),
		Meaning: stageWords[d.Lifecycle].meaning, Next: k.nextStage(d), Stages: k.stages(d), StageFacts: stageFacts(d),
	}
}

// deviceRecords adds what is ours about a device: the notes and what was done.
func (s *Server) deviceRecords(c *gin.Context, id string, view *templates.Device) (err error) {
	if view.Notes, err = s.newestNotes(c, id); err != nil {
		return err
	}
	return s.deviceActivity(c, id, view)
}

// deviceActions picks the order that the page is about (the one in use, else the one waiting) and offers what its state allows.
func (s *Server) deviceActions(c *gin.Context, r deviceReading, view *templates.Device) error {
	k := s.clock(c)
	o, ok := r.device.Current()
	if ok {
		view.Current = k.currentPackage(o)
	} else if i := slices.IndexFunc(r.orders, func(o cmp.Order) bool { return o.Status == cmp.StatusNotEnabled }); i >= 0 {
		o, ok = r.orders[i], true
	}
	if !ok {
		view.Actions.Note = "There is no order on this device that anything could be done to."
		return nil
	}
	open, err := s.Actions.Open(c.Request.Context(), o.ID)
	if err != nil {
		return err
	}
	view.Actions = s.panel(c.Request.Context(), operator(c).Identity, o, open)
	view.Actions.Others = waitingNote(r.orders, o.ID)
	return nil
}

// waitingNote points at the orders that could be opened or cancelled as well, since the panel is about one order only.
func waitingNote(orders []cmp.Order, shown string) string {
	waiting := 0
	for _, o := range orders {
		if o.Status == cmp.StatusNotEnabled && o.ID != shown {
			waiting++
		}
	}
	switch waiting {
	case 0:
		return ""
	case 1:
		return "One more order of this device is not enabled yet. Choose it under Orders to open or cancel it."
	}
	return number(waiting) + " more orders of this device are not enabled yet. Choose one under Orders to open or cancel it."
}

// identity lists the numbers of the card, those of every profile included.
func identity(d cmp.Device) []templates.Fact {
	facts := []templates.Fact{}
	add := func(name, value string, id bool) {
		if value != "" && !slices.ContainsFunc(facts, func(f templates.Fact) bool { return f.Name == name && f.Value == value }) {
			facts = append(facts, templates.Fact{Name: name, Value: value, ID: id})
		}
	}
	add("Device id", d.ID, true)
	add("Main ICCID", d.MainICCID, true)
	add("MSISDN", d.MSISDN, true)
	for _, o := range d.Orders {
		for imsi := range strings.SplitSeq(o.IMSI, ",") {
			add("IMSI", strings.TrimSpace(imsi), true)
		}
		add("MSISDN", o.MSISDN, true)
		for _, p := range o.Profiles {
			add("IMSI", p.IMSI, true)
			add("MSISDN", p.MSISDN, true)
			if p.ICCID != d.ID {
				add("Profile ICCID", p.ICCID, true)
			}
		}
	}
	add("OTA", flagWord(d.OTA), false)
	add("BIP", flagWord(d.BIP), false)
	add("Multi-IMSI", flagWord(d.MultiIMSI), false)
	add("Partner", strings.TrimSpace(d.PartnerName+" "+d.PartnerCode), false)
	add("Task", d.TaskNo, false)
	return facts
}

func flagWord(f cmp.Flag) string {
	switch {
	case f.Yes():
		return "Yes"
	case f.No():
		return "No"
	}
	return string(f)
}

// currentPackage shows how much of an order is used and when it ends.
func (k clock) currentPackage(o cmp.Order) *templates.CurrentPackage {
	p := &templates.CurrentPackage{Name: o.PackageName, Used: volume(o.Used), Meter: meter(o), OrderID: o.ID, OrderHref: orderHref(o.ID),
		Starts: k.upstream(o.Active), Ends: k.upstream(o.Expire)}
	if o.Allowance.Known && o.Allowance.Bytes > 0 {
		p.Of = volume(o.Allowance)
		if left := o.Allowance.Bytes - o.Used.Bytes; o.Used.Known && left >= 0 {
			p.Left = volume(cmp.Volume{Bytes: left, Known: true}) + " left"
		} else if o.Used.Known {
			p.Left = volume(cmp.Volume{Bytes: -left, Known: true}) + " over the allowance"
		}
	}
	if when := k.days(o.Expire); when != "" {
		p.Left = strings.TrimPrefix(p.Left+", ends "+when, ", ")
	}
	if o.OrderUsed.Known && o.OrderUsed.Bytes != o.Used.Bytes {
		p.Total = volume(o.OrderUsed) + " over the whole order"
	}
	return p
}

// meter shows the share of the allowance that is used, recomputed from both figures.
func meter(o cmp.Order) ui.Meter {
	percent, ok := o.UsedPercent()
	if !ok {
		return ui.Meter{}
	}
	m := ui.Meter{Known: true, Percent: min(percent, 100), Text: number(percent) + " %"}
	switch {
	case o.Status == cmp.StatusEnded:
		m.Tone = "done"
	case percent >= 100:
		m.Tone = "bad"
	case percent >= 80:
		m.Tone = "warn"
	}
	return m
}

// deviceActivity lists what was done to the device, by everyone, as far as the viewer may know.
func (s *Server) deviceActivity(c *gin.Context, id string, view *templates.Device) error {
	rows, err := s.activity(c, audit.Filter{Device: id})
	view.Activity = rows
	return err
}
