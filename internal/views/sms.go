package views

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

func smsHref(id string) string { return "/sms/" + id }

// listSMS shows what was sent through this console, newest first.
func (s *Server) listSMS(c *gin.Context) (response, error) {
	if c.Query("box") == "in" {
		return s.listInbound(c)
	}
	q, err := s.messageQuery(c)
	if err != nil {
		return nil, err
	}
	noteOf(c, q.DeviceID, "", "list", "sms")
	running := s.Actions.Running(q.Batch) // before the messages are read: what ends meanwhile is told as under way
	found, err := s.askedMessages(c, q)
	if err != nil {
		return nil, err
	}
	k := s.clock(c)
	filters := []string{"device", q.DeviceID, "batch", q.Batch, "report", c.Query("report"), "days", c.Query("days")}
	here := append(slices.Clone(filters), "before", c.Query("before"))
	view := templates.SMSList{Boxes: s.smsBoxes(c, ""), Device: q.DeviceID, Chips: smsChips(c, q), Href: withQuery("/sms", here...), Read: k.read(s.Now())}
	if q.Failed {
		n, err := s.Actions.CountMessages(c.Request.Context(), q)
		if err != nil {
			return nil, err
		}
		view.Total = &n
	}
	if operator(c).Can(auth.SMSSend) && s.offered("/sms/new") {
		view.NewHref = withQuery("/sms/new", "devices", q.DeviceID)
	}
	if q.Batch != "" && q.DeviceID == "" && !q.Failed && q.Since.IsZero() { // the whole of it
		view.Notice = batchNotice(found, running)
	}
	if len(found) > listSize {
		found = found[:listSize]
		view.OlderHref = withQuery("/sms", append(filters, "before", markText(found[listSize-1].Mark()))...)
	}
	view.Watch = watch(c, view.Href, "messages sms-boxes", "messages", "unread")
	view.Watch.Every = lookEvery(found, s.Now())
	for _, m := range found {
		view.Rows = append(view.Rows, k.smsRow(m))
	}
	return page(http.StatusOK, s.frame(c, "SMS"), templates.SMSListPage(view)), nil
}

// messageQuery reads which messages are asked for: of a device, of those sent together, that did not arrive, of the last days.
func (s *Server) messageQuery(c *gin.Context) (ops.MessageQuery, error) {
	q := ops.MessageQuery{Batch: c.Query("batch"), DeviceID: compact(c.Query("device")), Limit: listSize + 1}
	switch c.Query("report") {
	case "failed":
		q.Failed = true
	case "":
	default:
		return q, fault.New(fault.Invalid, "Messages can be listed by report=failed only.")
	}
	if text := c.Query("days"); text != "" {
		days, err := strconv.Atoi(text)
		if err != nil || days < 1 || days > 3650 {
			return q, fault.New(fault.Invalid, "The days of the list are not given as a number from 1 to 3,650.")
		}
		q.Since = s.Now().AddDate(0, 0, -days)
	}
	var err error
	q.Before, err = markIn(c.Query("before"))
	return q, err
}

func smsChips(c *gin.Context, q ops.MessageQuery) []templates.Chip {
	return chips("/sms", []filter{{"device", "Device", q.DeviceID, true}, {"batch", "Sent together", q.Batch, false}, {"report", "Delivery", c.Query("report"), false}, {"days", "Last days", c.Query("days"), false}})
}

// askedMessages reads a page of the list and one message more, after asking the CMP about those that wait.
func (s *Server) askedMessages(c *gin.Context, q ops.MessageQuery) ([]ops.Message, error) {
	found, err := s.Actions.Messages(c.Request.Context(), q)
	if err != nil {
		return nil, err
	}
	asked, err := s.Actions.AskReports(c.Request.Context(), found[:min(len(found), listSize)])
	if err != nil || !asked {
		return found, err
	}
	return s.Actions.Messages(c.Request.Context(), q)
}

// markIn reads a place in the list from an address: the microseconds and the id of the last message seen.
func markIn(text string) (ops.MessageMark, error) {
	if text == "" {
		return ops.MessageMark{}, nil
	}
	at, id, ok := placeIn(text)
	if !ok || !cmp.ValidMsgID(id) {
		return ops.MessageMark{}, fault.New(fault.Invalid, "The place in the list is not given as a moment and a message. Open the list anew.")
	}
	return ops.MessageMark{Sent: at, MsgID: id}, nil
}

func markText(m ops.MessageMark) string { return placeText(m.Sent, m.MsgID) }

// batchNotice says what became of the messages that were sent together, or how far they are: running is of how many they are while
// they are being sent, else 0.
func batchNotice(batch []ops.Message, running int) *templates.Notice {
	taken, unknown, waiting := 0, 0, 0
	var unsent []string
	for _, m := range batch {
		switch m.Action.State {
		case ops.Prepared:
			waiting++
			unsent = append(unsent, m.DeviceID)
		case ops.OK, ops.EffectPresent:
			taken++
		case ops.Dispatched:
			waiting++
			unknown++
		case ops.Unknown, ops.Undetermined:
			unknown++
		}
	}
	if running > 0 {
		n, _ := underWay("Sending", running, len(batch)-waiting)
		return &n
	}
	n := &templates.Notice{Tone: "good", Title: "The CMP took " + plural(taken, "message") + ".", Text: "Whether they arrive is told below as soon as the CMP knows."}
	if other := len(batch) - taken - unknown - len(unsent); other > 0 {
		n.Tone, n.Text = "warn", plural(other, "message")+" did not leave or was rejected: open it to see why. "+n.Text
	}
	if len(unsent) > 0 {
		n.Tone, n.Text = "warn", plural(len(unsent), "message")+" had no turn and was not sent: the console was stopped, or changes were shut off. "+n.Text
		n.Href, n.Link = withQuery("/sms/new", "devices", strings.Join(unsent, " ")), "Write to those again"
	}
	if unknown > 0 {
		n.Tone, n.Text = "bad", "The outcome of "+plural(unknown, "message")+" is unknown. It is never sent again by itself. "+n.Text
	}
	return n
}

func (k clock) smsRow(m ops.Message) templates.SMSRow {
	return templates.SMSRow{
		MsgID: m.MsgID, Href: smsHref(m.MsgID), DeviceID: m.DeviceID, DeviceHref: deviceHref(m.DeviceID), Who: m.Actor, At: k.at(m.Sent),
		Sent: sentBadge(m), Report: k.messageReport(m), Segments: number(m.Segments),
	}
}

// sentBadge is the outcome of sending, and, where nothing was sent, that it was refused here.
func sentBadge(m ops.Message) ui.Badge {
	switch m.Action.State {
	case ops.Prepared:
		return ui.Badge{Icon: "clock", Word: "Not sent", Plain: true}
	case ops.Refused, ops.Expired:
		return outcomeBadge(audit.Refused)
	}
	return resultBadge(m.Action)
}

// reportTime is how long a report may take before a page says that there is none.
const reportTime = 24 * time.Hour

// messageReport is the delivery of a message, as far as anybody knows. What the CMP did not send cannot arrive.
func (k clock) messageReport(m ops.Message) ui.Badge {
	switch {
	case m.Told.State == cmp.WasNotSent && m.Told.Report != cmp.Delivered:
		return ui.Badge{Icon: "ban", Word: "Not sent by the CMP", Tone: "bad"}
	case m.Waits() && k.now.Sub(m.Sent) > reportTime:
		return ui.Badge{Icon: "circle-help", Word: "No report after 24 h", Tone: "warn"}
	case m.Waits():
		return ui.Badge{Icon: "clock", Word: "Waiting", Tone: "info"}
	case m.Told.Report == "":
		return ui.Badge{}
	}
	return reportBadge(m.Told.Report)
}

// showSMS shows one message. While its report is still to come the CMP is asked for it.
func (s *Server) showSMS(c *gin.Context) (response, error) { return s.messagePage(c, false) }

// revealSMS shows it with its text, which is recorded as such.
func (s *Server) revealSMS(c *gin.Context) (response, error) { return s.messagePage(c, true) }

func (s *Server) messagePage(c *gin.Context, reveal bool) (response, error) {
	id := c.Param("msg_id")
	noteOf(c, "", "", "msg_id", id)
	if !cmp.ValidMsgID(id) {
		return nil, fault.New(fault.Invalid, "A message id is LK and up to 30 letters or digits. Check it for spaces or signs.")
	}
	m, err := s.Actions.Message(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	noteOf(c, m.DeviceID, "", "msg_id", id)
	k := s.clock(c)
	view := templates.SMSPage{MsgID: id, Href: smsHref(id), Read: k.read(s.Now())}
	if m.Unreported() {
		fresh, err := s.Actions.AskReport(c.Request.Context(), m)
		if err != nil {
			c.Set(keyCause, err)
			view.Failed = &templates.Notice{Tone: "warn", Title: "The CMP could not be asked what became of it.", Text: why(err)}
		} else if m, err = s.Actions.Message(c.Request.Context(), fresh.MsgID); err != nil {
			return nil, err
		}
	}
	view.Sent, view.Report, view.Facts = sentBadge(m), k.messageReport(m), k.smsFacts(m)
	view.Watch = watch(c, smsHref(id), "sms-state sms-read sms-result sms-facts", "message:"+id)
	view.Watch.Every = lookEvery([]ops.Message{m}, s.Now())
	view.Result = s.result(c, m.Action)
	if m.Action.State == ops.Refused || m.Action.State == ops.Expired {
		view.Result = nil
		view.Failed = &templates.Notice{Tone: "warn", Title: "This was not sent.", Text: m.Action.Why}
	}
	if err := s.addText(c, &view, m, reveal); err != nil {
		return nil, err
	}
	frame := s.frame(c, "SMS "+id, templates.Crumb{Label: "SMS", Href: "/sms"}, templates.Crumb{Label: id})
	return page(http.StatusOK, frame, templates.SMSMessage(view)), nil
}

// addText shows the text of a message that was asked for, the way to it, or who erased it.
func (s *Server) addText(c *gin.Context, view *templates.SMSPage, m ops.Message, reveal bool) error {
	text, err := s.Actions.Text(c.Request.Context(), m)
	switch {
	case err != nil:
		return err
	case text.Erased != nil:
		view.Erased = s.clock(c).erasure(text.Erased)
	case reveal:
		view.Content = text.Content
	case operator(c).Can(auth.SMSReveal):
		view.RevealHref = smsHref(m.MsgID) + "/text"
	}
	if text.Erased == nil && m.TextSeq > 0 && operator(c).Can(auth.AuditRedact) {
		view.EraseHref = auditHref(m.TextSeq) + "#" + valueID(ops.TextField)
	}
	return nil
}

func (k clock) smsFacts(m ops.Message) []templates.Fact {
	kind := "Text"
	if m.Binary {
		kind = "Binary"
	}
	written, tried := k.at(m.Action.Prepared), k.at(m.Sent)
	facts := []templates.Fact{{Name: "Device", Value: m.DeviceID, ID: true, Href: deviceHref(m.DeviceID)}, {Name: "By", Value: m.Actor}, {Name: "Written", At: &written}}
	switch {
	case !m.Action.Dispatched.IsZero():
		facts = append(facts, templates.Fact{Name: "Sent", At: &tried})
	case m.Action.State != ops.Prepared:
		facts = append(facts, templates.Fact{Name: "Tried", At: &tried})
	}
	facts = append(facts, templates.Fact{Name: "Type", Value: kind}, templates.Fact{Name: "Takes", Value: number(m.Segments) + " SMS"})
	facts = append(facts, known(
		sendFact(m.Told.State), templates.Fact{Name: "MSISDN", Value: m.Told.MSISDN, ID: true},
		k.when("Sending began", m.Told.Started), k.when("Sending ended", m.Told.Ended),
	)...)
	if !m.Reported.IsZero() {
		reported := k.at(m.Reported)
		facts = append(facts, templates.Fact{Name: "Report read", At: &reported})
	}
	return facts
}

// sendFact says whether a message left the CMP (API document, "Query MT SMS Record", sendStatus).
func sendFact(state cmp.SendState) templates.Fact {
	f := templates.Fact{Name: "At the CMP"}
	switch state {
	case "":
	case cmp.WasSent:
		f.Value = "Sent"
	case cmp.WasNotSent:
		f.Value, f.Note = "Not sent", "The CMP took the message and did not pass it on."
	default:
		f.Value = "Send status " + string(state)
	}
	return f
}
