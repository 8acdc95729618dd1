package views

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/webhook"
	"cmpconsole/web/templates"
)

func pushHref(id int64) string { return "/pushes/" + strconv.FormatInt(id, 10) }

// listPushes shows the callbacks that came, newest first, and what each led to.
func (s *Server) listPushes(c *gin.Context) (response, error) {
	q, err := pushQuery(c)
	if err != nil {
		return nil, err
	}
	noteOf(c, q.Device, "", "filter", c.Request.URL.RawQuery)
	found, err := s.Inbox.List(c.Request.Context(), q)
	if err != nil {
		return nil, err
	}
	view := pushFilters(c, q)
	if view.Total, err = s.Inbox.Count(c.Request.Context(), q); err != nil {
		return nil, err
	}
	k := s.clock(c)
	if err := s.addArrivals(c, k, &view); err != nil {
		return nil, err
	}
	if len(found) > listSize {
		found = found[:listSize]
		view.OlderHref = withQuery("/pushes", append(pushPairs(c), "before", strconv.FormatInt(found[listSize-1].ID, 10))...)
	}
	for _, p := range found {
		view.Rows = append(view.Rows, s.pushRow(c, k, p))
	}
	view.Read, view.Watch = k.read(k.now), watch(c, view.Href, "pushes", "pushes")
	if slices.ContainsFunc(found, func(p webhook.Push) bool { return p.State == webhook.New }) {
		view.Watch.Every = waitingEvery
	}
	return page(http.StatusOK, s.frame(c, "Callbacks"), templates.PushListPage(view)), nil
}

// pushQuery reads which callbacks are asked for.
func pushQuery(c *gin.Context) (webhook.Query, error) {
	q := webhook.Query{Kind: webhook.Kind(c.Query("kind")), Device: compact(c.Query("device")), About: pasted(c.Query("about")), Every: c.Query("every") == "yes", Limit: listSize + 1}
	if q.Kind != "" && !slices.Contains(webhook.Kinds(), q.Kind) {
		return q, fault.New(fault.Invalid, "There is no such callback. Choose one of the list.")
	}
	if led := c.Query("led"); led != "" {
		i := ledIndex(led)
		if i < 0 {
			return q, fault.New(fault.Invalid, "Callbacks lead to no such thing. Choose one of the list.")
		}
		q.State, q.Effect = ledTo[i].state, ledTo[i].effect
	}
	if text := c.Query("before"); text != "" {
		var ok bool
		if q.Before, ok = serial(text); !ok {
			return q, fault.New(fault.Invalid, "The place in the list is not given as the number of a callback. Open the list anew.")
		}
	}
	return q, nil
}

func ledIndex(value string) int {
	for i, l := range ledTo {
		if l.value == value {
			return i
		}
	}
	return -1
}

// pushPairs are the filters of the address, without the place in the list.
func pushPairs(c *gin.Context) []string {
	pairs := []string{}
	for _, key := range []string{"kind", "led", "device", "about", "every"} {
		pairs = append(pairs, key, c.Query(key))
	}
	return pairs
}

// pushFilters is the list with its filters and no rows yet.
func pushFilters(c *gin.Context, q webhook.Query) templates.PushList {
	pairs := pushPairs(c)
	view := templates.PushList{Device: q.Device, About: q.About, Every: q.Every, Href: withQuery("/pushes", append(slices.Clone(pairs), "before", c.Query("before"))...)}
	view.Kinds = []templates.Option{{Label: "Any callback"}}
	for _, kind := range webhook.Kinds() {
		view.Kinds = append(view.Kinds, templates.Option{Value: string(kind), Label: kindWords[kind].word, Selected: kind == q.Kind})
	}
	view.Led = []templates.Option{{Label: "Anything"}}
	led := ""
	for _, l := range ledTo {
		on := l.value == c.Query("led")
		if view.Led = append(view.Led, templates.Option{Value: l.value, Label: l.label, Selected: on}); on {
			led = l.label
		}
	}
	filters := []filter{{"kind", "Callback", string(q.Kind), false}, {"led", "Led to", led, false}, {"device", "Device", q.Device, true}, {"about", "Order or message", q.About, true}, {"every", "Repetitions", c.Query("every"), false}}
	view.Chips = chips("/pushes", filters)
	for i, chip := range view.Chips {
		if chip.Name == "Callback" {
			view.Chips[i].Value = kindWords[q.Kind].word
		}
	}
	view.Filtered = len(view.Chips) > 0
	view.Quick = pushQuick(withQuery("/pushes", pairs...))
	if q.Before > 0 {
		view.NewestHref = withQuery("/pushes", pairs...)
	}
	return view
}

// pushQuick are the lists that are asked for often.
func pushQuick(here string) []templates.Link {
	list := []templates.Link{
		{Label: "All", Href: "/pushes"}, {Label: "Waiting", Href: "/pushes?led=waiting"}, {Label: "CMP not asked", Href: "/pushes?led=failed"}, {Label: "Not readable", Href: "/pushes?led=unreadable"},
		{Label: "Unknown here", Href: "/pushes?led=stranger"}, {Label: "Every delivery", Href: "/pushes?every=yes"},
	}
	for i := range list {
		list[i].Current = list[i].Href == here
	}
	return list
}

// addArrivals tells when the last callback of each kind came, and that none can come or none has come for long.
func (s *Server) addArrivals(c *gin.Context, k clock, view *templates.PushList) error {
	newest, err := s.Inbox.Newest(c.Request.Context())
	if err != nil {
		return err
	}
	if len(newest) > 0 {
		for _, kind := range webhook.Kinds() {
			view.Newest = append(view.Newest, templates.PushNewest{Kind: kindWords[kind].word, At: k.at(newest[kind]), Ago: k.ago(newest[kind])})
		}
	}
	view.AddressesHref = "/pushes/addresses"
	view.Off = s.pushOff()
	view.Quiet, err = s.pushQuiet(c, k, newest)
	return err
}

// pushOff says that no callback can come, and how that is changed.
func (s *Server) pushOff() *templates.Notice {
	if len(s.Inbox.Tokens) > 0 {
		return nil
	}
	return &templates.Notice{Title: "Callbacks are off.", Text: "Set CMP_PUSH_TOKEN to 22 random characters or more and start the console again; then give the addresses to the CMP's operator. Without callbacks orders and the reports of SMS are still read from the CMP, only later; the texts of SMS from devices come by callback alone."}
}

func (s *Server) pushRow(c *gin.Context, k clock, p webhook.Push) templates.PushRow {
	row := templates.PushRow{ID: strconv.FormatInt(p.ID, 10), Href: pushHref(p.ID), At: k.at(p.Received), Ago: k.ago(p.Received), Kind: kindBadge(p.Kind), Led: s.ledFor(c, k, p), Signed: signedWords[p.Signed]}
	if p.Times > 1 {
		row.Times = times(p.Times) + " since " + k.at(p.First).Text
	}
	if e, err := p.Event(); p.Erased > 0 && p.Kind == webhook.SMSMO {
		row.Says = textErased
	} else if err == nil {
		row.Says = claim(p.Kind, e)
	}
	row.Device = aboutDevice(p)
	row.DeviceHref = linkTo(deviceHref, row.Device)
	row.About, row.AboutHref = aboutPush(p)
	return row
}

// aboutDevice is the device that a callback is about: the one that has the number, else the number as it came.
func aboutDevice(p webhook.Push) string {
	if p.Holder != "" {
		return p.Holder
	}
	return p.Device
}

// aboutPush is the order or message that a callback is about: our own message, where it was found to be one.
func aboutPush(p webhook.Push) (id, href string) {
	switch {
	case p.Kind == webhook.OrderStatus:
		return p.Subject, linkTo(orderHref, p.Subject)
	case p.Message != "":
		return p.Message, smsHref(p.Message)
	}
	return p.Subject, ""
}

// ledFor is what a callback led to, with the way to where it can be seen, for those who may go there.
func (s *Server) ledFor(c *gin.Context, k clock, p webhook.Push) templates.PushLed {
	l := k.led(p)
	switch {
	case p.State != webhook.Done:
	case p.Seq > 0 && operator(c).Can(auth.AuditRead):
		l.Href, l.Link = auditHref(p.Seq), "Row "+strconv.FormatInt(p.Seq, 10)+" of the log"
	case (p.Effect == webhook.Kept || p.Effect == webhook.Again) && p.Holder != "":
		l.Href, l.Link = deviceHref(p.Holder)+"/sms", "Conversation"
	case p.Effect == webhook.Kept || p.Effect == webhook.Again:
		l.Href, l.Link = "/sms?box=in", "Inbox"
	}
	return l
}

// ago tells how long ago a moment was.
func (k clock) ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if d := k.now.Sub(t); d >= 10*time.Second {
		return span(d) + " ago"
	}
	return "just now"
}

// unreadCount is how many messages from devices nobody has read, for the navigation. It is no reason to have no page.
func (s *Server) unreadCount(c *gin.Context) int {
	if n, ok := c.Value(keyUnread).(int); ok {
		return n
	}
	n, err := s.Inbox.Unread(c.Request.Context())
	if err != nil {
		s.Logger.Error("unread messages not counted", "request_id", c.GetString(keyRequestID), "err", err)
	}
	c.Set(keyUnread, n)
	return n
}

func (s *Server) unreadWord(c *gin.Context) string {
	if n := s.unreadCount(c); n > 0 {
		return number(n)
	}
	return ""
}
