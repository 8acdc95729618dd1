package views

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// showDeviceSMS shows the messages from and to a device, as the CMP recorded them.
func (s *Server) showDeviceSMS(c *gin.Context) (response, error) {
	id := c.Param("id")
	noteOf(c, id, "", "tab", "sms")
	if !cmp.ValidID(id) {
		return nil, errDeviceID
	}
	number, err := pageNumber(c)
	if err != nil {
		return nil, err
	}
	view := templates.DeviceSMS{Action: deviceHref(id) + "/sms", From: c.Query("from"), Until: c.Query("until"), Read: s.clock(c).read(s.Now())}
	view.OursHref = withQuery("/sms", "device", id)
	if operator(c).Can(auth.SMSSend) && s.offered("/sms/new") {
		view.NewHref = withQuery("/sms/new", "devices", id)
	}
	q := cmp.SMSRecordQuery{DeviceID: id, Page: number, Size: listSize}
	q.From, view.FromError = optionalDay(view.From)
	q.Until, view.UntilError = optionalDay(view.Until)
	if view.UntilError == "" && !q.Until.IsZero() && q.Until.Before(q.From) {
		view.UntilError = "This day lies before the first one."
	}
	if view.FromError+view.UntilError != "" {
		view.Head = s.bareHead(c, id, "SMS")
		return page(http.StatusUnprocessableEntity, s.deviceFrame(c, id, "SMS of "+id), templates.DeviceSMSPage(view)), nil
	}
	var device cmp.Device
	var found cmp.SMSRecordPage
	var refused error // told only of a device that there is: of no device the CMP refuses both calls
	group, ctx := errgroup.WithContext(c.Request.Context())
	group.Go(func() (err error) { device, err = s.CMP.Device(ctx, id); return err })
	group.Go(func() (err error) {
		if found, err = s.CMP.SMSRecords(ctx, q); cmp.KindOf(err) == cmp.Rejected {
			refused, err = err, nil
		}
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, deviceFault(err)
	}
	if refused != nil {
		return nil, refused
	}
	view.Head, view.Total = s.deviceHead(c, device, "SMS"), found.Total
	view.Pager = pager(view.Action, number, found.Total, len(found.Records), "from", view.From, "until", view.Until)
	for _, r := range found.Records {
		view.Rows = append(view.Rows, s.clock(c).smsRecord(r))
	}
	return page(http.StatusOK, s.deviceFrame(c, id, "SMS of "+id), templates.DeviceSMSPage(view)), nil
}

// optionalDay reads a day in the CMP's zone; none is the zero time.
func optionalDay(text string) (time.Time, string) {
	if text == "" {
		return time.Time{}, ""
	}
	at, err := time.ParseInLocation(time.DateOnly, text, cmp.Zone)
	if err != nil {
		return at, "Write the day as 2026-01-31."
	}
	return at, ""
}

func (k clock) smsRecord(r cmp.SMSRecord) templates.SMSRecord {
	row := templates.SMSRecord{At: k.upstream(r.At)}
	switch r.Type {
	case "MO":
		row.Direction, row.Peer = ui.Badge{Icon: "arrow-right", Word: "MO, from the device", Plain: true}, r.FromPhone
		return row
	case "MT":
		row.Direction, row.Peer = ui.Badge{Icon: "message-square", Word: "MT, to the device", Plain: true}, r.ToPhone
	default:
		row.Direction, row.Peer = ui.Badge{Icon: "circle-help", Word: r.Type, Tone: "warn"}, r.ToPhone+r.FromPhone
	}
	row.Report = reportBadge(r.Report)
	return row
}

func reportBadge(r cmp.DeliveryReport) ui.Badge {
	switch r {
	case cmp.Delivered:
		return ui.Badge{Icon: "circle-check", Word: "Delivered", Tone: "good", Plain: true}
	case cmp.Failed:
		return ui.Badge{Icon: "circle-x", Word: "Failed", Tone: "bad"}
	case "":
		return ui.Badge{Icon: "clock", Word: "No report", Plain: true}
	}
	return ui.Badge{Icon: "circle-help", Word: "Report " + string(r), Tone: "warn"}
}
