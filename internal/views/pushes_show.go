package views

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/webhook"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

var errPushID = fault.New(fault.Invalid, "A callback is given by its number. Open the list anew.")

// waitingEvery is how often an open page looks what became of a callback that waits, in seconds.
const waitingEvery = "5"

// manyDeliveries is how many deliveries of one body are listed.
const manyDeliveries = 20

// showPush shows one callback: what it says, what it led to and how it came. The text of an SMS stays hidden.
func (s *Server) showPush(c *gin.Context) (response, error) { return s.pushPage(c, false) }

// revealPush shows it with the text of its SMS, which is recorded as such.
func (s *Server) revealPush(c *gin.Context) (response, error) { return s.pushPage(c, true) }

// replayPush has a callback processed again.
func (s *Server) replayPush(c *gin.Context) (response, error) {
	id, err := pushID(c)
	if err != nil {
		return nil, err
	}
	e := operator(c).Entry(audit.PushReplay, audit.Event)
	e.Outcome = audit.OK
	if _, err := s.Inbox.Replay(c.Request.Context(), id, e); err != nil {
		return nil, err
	}
	s.Live.Publish("pushes")
	return seeOther(pushHref(id) + "?asked=again"), nil
}

func pushID(c *gin.Context) (int64, error) {
	id, ok := serial(c.Param("id"))
	if !ok {
		return 0, errPushID
	}
	return id, nil
}

func (s *Server) pushPage(c *gin.Context, reveal bool) (response, error) {
	noteOf(c, "", "", "push", c.Param("id"))
	id, err := pushID(c)
	if err != nil {
		return nil, err
	}
	p, err := s.Inbox.Get(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	device, order := aboutDevice(p), ""
	if p.Kind == webhook.OrderStatus {
		order = p.Subject
	}
	noteOf(c, device, order, "push", c.Param("id"))
	view, err := s.pushView(c, p, reveal)
	if err != nil {
		return nil, err
	}
	number := strconv.FormatInt(id, 10)
	frame := s.frame(c, "Callback "+number, templates.Crumb{Label: "Callbacks", Href: "/pushes"}, templates.Crumb{Label: "No. " + number})
	return page(http.StatusOK, frame, templates.PushView(view)), nil
}

func (s *Server) pushView(c *gin.Context, p webhook.Push, reveal bool) (templates.PushPage, error) {
	k, here := s.clock(c), pushHref(p.ID)
	if reveal {
		here += "/text"
	}
	view := templates.PushPage{
		ID: strconv.FormatInt(p.ID, 10), Kind: kindBadge(p.Kind), Led: s.ledFor(c, k, p), CSRF: operator(c).CSRF, Steps: s.pushSteps(c, k, p), Href: withQuery(here, "view", c.Query("view")), Read: k.read(k.now),
		Raw: s.rawBody(p, reveal, c.Query("view"), here), Headers: s.headerFacts(p), Facts: known(
			templates.Fact{Name: "From", Value: p.Source, ID: true}, templates.Fact{Name: "Signature", Value: signedWords[p.Signed].Word, Note: signedNote(p.Signed)},
			templates.Fact{Name: "Deliveries", Value: number(p.Times)}, digestFact(c, p),
		),
	}
	at, first := k.stamp(p.Received), k.stamp(p.First)
	view.Facts = slices.Insert(view.Facts, 0, templates.Fact{Name: "Received", At: &at})
	if p.Times > 1 {
		view.Facts = slices.Insert(view.Facts, 1, templates.Fact{Name: "First", At: &first})
	}
	s.addClaims(c, k, p, reveal, &view)
	if err := s.addErasure(c, k, p, &view); err != nil {
		return view, err
	}
	if err := s.addDeliveries(c, k, p, &view); err != nil {
		return view, err
	}
	if view.Newer == nil && operator(c).Can(auth.PushesReplay) {
		view.ReplayAction = pushHref(p.ID) + "/replay"
	}
	if c.Query("asked") != "" {
		view.Notice = askedAgain(p)
	}
	if view.Watch = watch(c, withQuery(pushHref(p.ID), "view", c.Query("view")), "push-state push-steps", "pushes"); p.State == webhook.New {
		view.Watch.Every = waitingEvery
	}
	return view, nil
}

// digestFact is the hash of a callback. Where it may be of a text it is for those who may read that: a short one could be guessed by it.
func digestFact(c *gin.Context, p webhook.Push) templates.Fact {
	if p.Erased > 0 || p.MayHoldText() && !operator(c).Can(auth.SMSReveal) {
		return templates.Fact{}
	}
	digest := p.Digest()
	return templates.Fact{Name: "SHA-256", Value: hex.EncodeToString(digest[:]), ID: true, Note: "of kind and content"}
}

func signedNote(signed webhook.Signed) string {
	if signed == webhook.NotChecked {
		return "CMP_PUSH_KEY is not set"
	}
	return ""
}

// askedAgain says what came of having a callback processed again.
func askedAgain(p webhook.Push) *templates.Notice {
	switch p.State {
	case webhook.New:
		return &templates.Notice{Title: "It waits to be processed.", Text: "Nobody needs to ask for it again. What comes of it appears here."}
	case webhook.Unreadable:
		return &templates.Notice{Tone: "warn", Title: "It still cannot be read, so nothing was done.", Text: "Its body stands below as it came."}
	}
	return &templates.Notice{Tone: "good", Title: "It was processed again.", Text: "What came of it stands below."}
}

// addClaims lists what a callback says, field by field.
func (s *Server) addClaims(c *gin.Context, k clock, p webhook.Push, reveal bool, view *templates.PushPage) {
	e, err := p.Event()
	if err != nil {
		return
	}
	f := func(name, value string, id bool) templates.Fact {
		return templates.Fact{Name: name, Value: value, ID: id}
	}
	says := []templates.Fact{f("Device", e.Device, true), f("Order", e.Order, true)}
	if says[0].Href = linkTo(deviceHref, aboutDevice(p)); p.Holder != "" && p.Holder != e.Device {
		says[0].Note = "the copy of the fleet has it as " + p.Holder
	}
	says[1].Href = linkTo(orderHref, e.Order)
	switch p.Kind {
	case webhook.OrderStatus:
		says = append(says, templates.Fact{Name: "Operation", Value: operationWord(e.Operation), Note: e.Operation})
	case webhook.SMSMT:
		says = append(says, f("Message", e.Message, true), templates.Fact{Name: "Report", Value: reportClaim(e), Note: joinWords(e.Report, e.ReportMsg)})
	case webhook.SMSMO:
		says = append(says, f("Sent to", e.To, true))
		view.Text = &templates.PushText{Shown: reveal, Length: plural(len([]rune(e.Text)), "character")}
		if p.Erased > 0 {
			view.Text = nil
		} else if reveal {
			view.Text.Content = e.Text
		} else if operator(c).Can(auth.SMSReveal) {
			view.Text.Href = withQuery(pushHref(p.ID)+"/text", "view", c.Query("view"))
		}
	}
	for _, imsi := range e.IMSIs {
		says = append(says, f("IMSI", imsi, true))
	}
	says = append(says, f("MSISDN", e.Phone, true), f("Supplier", e.Supplier, false), k.when(timeName(p.Kind), e.At))
	view.Says = known(says...)
}

// timeName is what the time of a callback is of, by the API document.
func timeName(kind webhook.Kind) string {
	switch kind {
	case webhook.OrderStatus:
		return "Order created"
	case webhook.SMSMT:
		return "Reported"
	}
	return "Arrived"
}

// pushSteps tell in order what happened to a callback.
func (s *Server) pushSteps(c *gin.Context, k clock, p webhook.Push) []templates.PushStep {
	steps := []templates.PushStep{{Title: "Stored", Text: "before it was answered", At: k.at(p.Received)}}
	led := s.ledFor(c, k, p)
	end := templates.PushStep{Title: "Then", Text: led.Text, Badge: led.Badge, Href: led.Href, Link: led.Link, At: k.at(p.Done)}
	if p.State == webhook.Unreadable {
		end.Title = "Read"
		return append(steps, end)
	}
	read := templates.PushStep{Title: "Read", Text: "names no device"}
	switch {
	case p.Holder != "":
		read.Text, read.Href, read.Link = "about device", deviceHref(p.Holder), p.Holder
	case p.Device != "":
		read.Text = "about device " + p.Device
	}
	steps = append(steps, read)
	if p.Message != "" {
		steps = append(steps, templates.PushStep{Title: "Joined to a message of ours", Text: joinedWord(p.Joined), Href: smsHref(p.Message), Link: p.Message})
	}
	if p.Tries > 0 && p.State != webhook.New {
		steps = append(steps, templates.PushStep{Title: "Asked the CMP", Text: "it could not be asked " + times(p.Tries)})
	}
	if told := toldWord(p); told != "" {
		steps = append(steps, templates.PushStep{Title: "The CMP said", Badge: toldBadge(p), At: k.at(p.Done)})
		end.Text, end.At = "", ui.Moment{}
	}
	return append(steps, end)
}

func toldBadge(p webhook.Push) ui.Badge {
	if p.Kind == webhook.OrderStatus {
		return statusBadge(cmp.OrderStatus(p.Told))
	}
	return reportBadge(cmp.DeliveryReport(p.Told))
}

// joinedWord says by what a report was joined to our message.
func joinedWord(by string) string {
	if by == "" {
		return ""
	}
	return "by " + strings.TrimPrefix(by, "by ") + ":"
}

// addDeliveries lists the times that the same body came, and points at the newest, which stands for all of them.
func (s *Server) addDeliveries(c *gin.Context, k clock, p webhook.Push, view *templates.PushPage) error {
	found, err := s.Inbox.Deliveries(c.Request.Context(), p, manyDeliveries)
	if err != nil {
		return err
	}
	for _, d := range found {
		view.Deliveries = append(view.Deliveries, templates.PushDelivery{ID: strconv.FormatInt(d.ID, 10), Href: pushHref(d.ID), At: k.at(d.Received), Source: d.Source, Current: d.ID == p.ID})
	}
	if len(found) == manyDeliveries {
		view.OlderHidden = "The newest " + number(manyDeliveries) + " are listed."
	}
	if len(found) > 0 && found[0].ID != p.ID {
		newest := strconv.FormatInt(found[0].ID, 10)
		view.Newer = &templates.Notice{Title: "The same came again later.", Text: "What it led to stands at the newest delivery.", Href: pushHref(found[0].ID), Link: "No. " + newest}
	}
	return nil
}
