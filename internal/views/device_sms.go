package views

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// showDeviceSMS shows the messages from and to a device, as the CMP recorded them, newest first.
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
	view := templates.DeviceSMS{Action: talkHref(id) + "/records", From: c.Query("from"), Until: c.Query("until")}
	q := smsDays(&view, day(s.Now().In(cmp.Zone)))
	if q.DeviceID = id; view.FromError+view.UntilError != "" {
		view.Head = s.bareHead(c, id, "SMS")
		return page(http.StatusUnprocessableEntity, s.deviceFrame(c, id, "SMS of "+id), templates.DeviceSMSPage(view)), nil
	}
	r := s.readSMS(c.Request.Context(), q, number)
	if r.deviceErr != nil {
		return nil, deviceFault(r.deviceErr)
	}
	view.Head = s.deviceHead(c, r.device, "SMS")
	if r.err != nil {
		c.Set(keyCause, r.err)
		addSMSFailure(&view, r.err)
	} else {
		s.clock(c).addSMS(&view, r, number)
	}
	return page(http.StatusOK, s.deviceFrame(c, id, "SMS of "+id), templates.DeviceSMSPage(view)), nil
}

// smsDays reads the days asked for. What is wrong with them stands at its field, and then nothing is asked of the CMP.
func smsDays(view *templates.DeviceSMS, today time.Time) (q cmp.SMSRecordQuery) {
	q.From, view.FromError = optionalDay(view.From)
	q.Until, view.UntilError = optionalDay(view.Until)
	switch {
	case view.FromError == "" && q.From.After(today):
		view.FromError = "This day is still to come. Today is " + today.Format(time.DateOnly) + " at the CMP."
	case view.UntilError == "" && !q.Until.IsZero() && q.Until.Before(q.From):
		view.UntilError = "This day lies before the first one."
	}
	return q
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

// smsReading is what the CMP gave for the tab: the device, for the head of the page, and a page of its messages.
// Only a refusal of the device may mean that there is none.
type smsReading struct {
	device         cmp.Device
	records        []cmp.SMSRecord
	total          int
	deviceErr, err error
}

func (s *Server) readSMS(ctx context.Context, q cmp.SMSRecordQuery, page int) (r smsReading) {
	var both sync.WaitGroup
	both.Go(func() { r.device, r.deviceErr = s.CMP.Device(ctx, q.DeviceID) })
	both.Go(func() { r.records, r.total, r.err = s.newestSMS(ctx, q, page) })
	both.Wait()
	return r
}

// leastPage is the fewest messages that a page of the CMP is taken to hold, so that few have to be read for one of ours.
const leastPage = 10

// newestSMS reads a page counted from the newest message. The CMP counts from the oldest, so its last pages are
// read first, and its pages end elsewhere than ours. How many messages they hold is seen from the first one.
func (s *Server) newestSMS(ctx context.Context, q cmp.SMSRecordQuery, page int) ([]cmp.SMSRecord, int, error) {
	q.Page, q.Size = 1, listSize
	first, err := s.CMP.SMSRecords(ctx, q)
	size, end := max(len(first.Records), leastPage), first.Total-(page-1)*listSize
	if err != nil || end <= 0 {
		return nil, first.Total, err
	}
	start := max(0, end-listSize)
	skipped := start / size * size
	var records []cmp.SMSRecord
	for q.Page = start/size + 1; q.Page <= (end-1)/size+1; q.Page++ {
		part := first
		if q.Page > 1 {
			if part, err = s.CMP.SMSRecords(ctx, q); err != nil {
				return nil, first.Total, err
			}
		}
		records = append(records, part.Records...)
	}
	records = records[min(start-skipped, len(records)):min(end-skipped, len(records))]
	slices.Reverse(records)
	return records, first.Total, nil
}

func (k clock) addSMS(view *templates.DeviceSMS, r smsReading, number int) {
	view.Asked, view.Total, view.Read = true, r.total, k.read(k.now)
	if len(r.records) == 0 && number > 1 {
		view.NewestHref = withQuery(view.Action, "from", view.From, "until", view.Until)
		return
	}
	view.Pager = pager(view.Action, number, r.total, len(r.records), "from", view.From, "until", view.Until)
	for _, record := range r.records {
		view.Rows = append(view.Rows, k.smsRecord(record))
	}
}

// addSMSFailure tells, in the CMP's own words too, why there are no messages to show.
func addSMSFailure(view *templates.DeviceSMS, err error) {
	view.Failed = &templates.Notice{Tone: "warn", Title: "The messages could not be read.", Text: classify(err).Message}
	if e, ok := errors.AsType[*cmp.Error](err); ok && e.Kind != cmp.NotSent {
		view.Code, view.Said = e.Code, e.Message
	}
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
