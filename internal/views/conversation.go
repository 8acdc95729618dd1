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
	"cmpconsole/internal/webhook"
	"cmpconsole/web/templates"
)

// talkSize is how many messages of a conversation a page has.
const talkSize = 30

func talkHref(device string) string { return deviceHref(device) + "/sms" }

// showConversation shows the messages to and from a device in one stream, without their texts.
func (s *Server) showConversation(c *gin.Context) (response, error) {
	return s.conversationPage(c, false)
}

// revealConversation shows it with the texts, which is recorded as such.
func (s *Server) revealConversation(c *gin.Context) (response, error) {
	return s.conversationPage(c, true)
}

func (s *Server) conversationPage(c *gin.Context, reveal bool) (response, error) {
	id := c.Param("id")
	noteOf(c, id, "", "tab", "sms")
	if !cmp.ValidID(id) {
		return nil, errDeviceID
	}
	t, err := s.readTalk(c, id)
	if err != nil {
		return nil, err
	}
	device, missing := s.CMP.Device(c.Request.Context(), id)
	if isRefusedDevice(missing) && len(t.turns) == 0 {
		return nil, deviceFault(missing)
	}
	view, err := s.conversationView(c, id, t, reveal)
	if err != nil {
		return nil, err
	}
	if view.Head = s.bareHead(c, id, "SMS"); missing == nil { // what is ours stands without the CMP
		view.Head = s.deviceHead(c, device, "SMS")
	}
	if reveal {
		noteOf(c, id, "", "messages", strconv.Itoa(len(view.Bubbles)))
	}
	return page(http.StatusOK, s.deviceFrame(c, id, "SMS of "+id), templates.ConversationPage(view)), nil
}

// talk is a page of a conversation: of both sides those messages that fall on it, and where each goes on.
type talk struct {
	ours, theirs []turn // newest first
	turns        []turn // of both, oldest first
	older        bool
	oursMark     string
	theirsMark   string
	from         [2]string // the marks of the address
}

// turn is one message of either side.
type turn struct {
	at    time.Time
	ours  *ops.Message
	their *webhook.Inbound
}

// readTalk reads a page of a conversation, after asking the CMP about those of our messages that wait.
func (s *Server) readTalk(c *gin.Context, device string) (t talk, err error) {
	t.from = [2]string{c.Query("ours"), c.Query("theirs")}
	t.oursMark, t.theirsMark = t.from[0], t.from[1]
	q := ops.MessageQuery{DeviceID: device, Limit: talkSize + 1}
	if q.Before, err = markIn(t.oursMark); err != nil {
		return t, err
	}
	before, err := inboundMarkIn(t.theirsMark)
	if err != nil {
		return t, err
	}
	ours, err := s.askedMessages(c, q)
	if err != nil {
		return t, err
	}
	theirs, err := s.Inbox.InboundsBefore(c.Request.Context(), device, before, talkSize+1)
	if err != nil {
		return t, err
	}
	for i := range ours {
		t.ours = append(t.ours, turn{at: ours[i].Sent, ours: &ours[i]})
	}
	for i := range theirs {
		t.theirs = append(t.theirs, turn{at: theirs[i].At, their: &theirs[i]})
	}
	t.merge()
	return t, nil
}

// merge takes the newest of both sides for the page, and notes up to where each side was taken.
func (t *talk) merge() {
	ours, theirs := t.ours, t.theirs
	for len(t.turns) < talkSize && len(ours)+len(theirs) > 0 {
		if len(theirs) == 0 || len(ours) > 0 && !theirs[0].at.After(ours[0].at) {
			t.turns, t.oursMark, ours = append(t.turns, ours[0]), markText(ours[0].ours.Mark()), ours[1:]
			continue
		}
		m := theirs[0].their.Mark()
		t.turns, t.theirsMark, theirs = append(t.turns, theirs[0]), placeText(m.At, strconv.FormatInt(m.ID, 10)), theirs[1:]
	}
	t.older = len(ours)+len(theirs) > 0
	slices.Reverse(t.turns)
}

// inboundMarkIn reads a place among the messages of a device from an address: its microseconds and the number of the message.
func inboundMarkIn(text string) (webhook.InboundMark, error) {
	if text == "" {
		return webhook.InboundMark{}, nil
	}
	at, number, read := placeIn(text)
	id, ok := serial(number)
	if !read || !ok {
		return webhook.InboundMark{}, fault.New(fault.Invalid, "The place in the conversation is not given as a moment and a message. Open it anew.")
	}
	return webhook.InboundMark{At: at, ID: id}, nil
}

// conversationView is the page around the messages: what can be done with them and where the others are.
func (s *Server) conversationView(c *gin.Context, id string, t talk, reveal bool) (templates.Conversation, error) {
	k, path, who := s.clock(c), talkHref(id), operator(c)
	hidden := withQuery(path, "ours", t.from[0], "theirs", t.from[1])
	shown := withQuery(path+"/texts", "ours", t.from[0], "theirs", t.from[1])
	view := templates.Conversation{Href: hidden, RecordsHref: path + "/records", RecordsOff: !s.offered("/devices/:id/sms/records")}
	here := path
	if reveal {
		here, view.Href, view.HideHref = path+"/texts", shown, hidden
	} else if who.Can(auth.SMSReveal) && len(t.turns) > 0 {
		view.TextsHref = shown
	}
	if t.older {
		view.OlderHref = withQuery(here, "ours", t.oursMark, "theirs", t.theirsMark)
	}
	if t.from[0]+t.from[1] != "" {
		view.NewestHref = here
	}
	if who.Can(auth.SMSSend) && s.offered("/sms/new") && view.NewestHref == "" {
		view.Reply = &templates.Reply{CSRF: who.CSRF, Device: id, MoreHref: withQuery("/sms/new", "devices", id), Count: smsCount(ops.Draft{}.Measure(id))}
	}
	if err := s.addTurns(c, k, t, reveal, &view); err != nil {
		return view, err
	}
	if !reveal { // new texts would come without a record
		view.Watch = watch(c, hidden, "talk "+headParts, append(t.topics(), "device:"+id, "unread")...)
		view.Watch.Every = lookEvery(t.messages(), k.now)
	}
	return view, s.addUnread(c, id, t, &view)
}

// messages are those of the page that were sent from here.
func (t talk) messages() (ours []ops.Message) {
	for _, one := range t.turns {
		if one.ours != nil {
			ours = append(ours, *one.ours)
		}
	}
	return ours
}

// topics are what the page's own messages are told of by.
func (t talk) topics() (topics []string) {
	for _, m := range t.messages() {
		topics = append(topics, "message:"+m.MsgID)
	}
	return topics
}

// addTurns draws the messages, with a heading where a day begins.
func (s *Server) addTurns(c *gin.Context, k clock, t talk, reveal bool, view *templates.Conversation) error {
	day := ""
	for _, one := range t.turns {
		b, err := s.bubble(c, k, one, reveal)
		if err != nil {
			return err
		}
		if d := one.at.In(k.zone).Format("Monday, 2 January 2006"); d != day {
			day, b.Day = d, d
		}
		view.Bubbles = append(view.Bubbles, b)
	}
	return nil
}

func (s *Server) bubble(c *gin.Context, k clock, t turn, reveal bool) (templates.Bubble, error) {
	at := k.moment(t.at, "15:04")
	may := operator(c).Can(auth.SMSReveal)
	if m := t.their; m != nil {
		b := templates.Bubble{ID: "mo-" + strconv.FormatInt(m.ID, 10), At: at, Who: m.Phone, To: m.To, Href: pushHref(m.Push), Link: "Callback " + strconv.FormatInt(m.Push, 10), Unverified: true, Unread: m.Read.IsZero(), Length: plural(len([]rune(m.Content)), "character")}
		if m.Erased > 0 {
			var err error
			b.Erased, err = s.erasureIn(c, k, m.Erased)
			return b, err
		}
		if operator(c).Can(auth.AuditRedact) {
			b.EraseHref = eraseHref(m.Push)
		}
		if reveal {
			b.Shown, b.Text = true, m.Content
		} else if may {
			b.TextHref = pushHref(m.Push) + "/text"
		}
		return b, nil
	}
	m := *t.ours
	b := templates.Bubble{ID: m.MsgID, Ours: true, At: at, Who: m.Actor, Href: smsHref(m.MsgID), Link: m.MsgID, Sent: sentBadge(m), Report: k.messageReport(m), Length: number(m.Segments) + " SMS"}
	if b.Sent.Plain { // that it was taken goes without saying once there is a report on it
		b.Sent.Word = "Taken"
	}
	if !reveal {
		if may {
			b.TextHref = smsHref(m.MsgID) + "/text"
		}
		return b, nil
	}
	text, err := s.Actions.Text(c.Request.Context(), m)
	if b.Shown, b.Text = true, text.Content; text.Erased != nil {
		b.Text, b.Erased = "", k.erasure(text.Erased)
	}
	return b, err
}

// addUnread offers to mark the messages of the page as read, and tells of unread ones that are on none of it.
func (s *Server) addUnread(c *gin.Context, id string, t talk, view *templates.Conversation) error {
	total, err := s.Inbox.CountInbounds(c.Request.Context(), webhook.InboundQuery{Device: id, Unread: true})
	if err != nil {
		return err
	}
	var ids []string
	for _, one := range t.turns {
		if one.their != nil && one.their.Read.IsZero() {
			ids = append(ids, strconv.FormatInt(one.their.ID, 10))
		}
	}
	here := len(ids)
	if here > 0 && operator(c).Can(auth.SMSSend) {
		view.MarkRead = &templates.MarkRead{Post: talkHref(id) + "/read", CSRF: operator(c).CSRF, Messages: strings.Join(ids, ",")}
	}
	view.Unread = here
	if elsewhere := total - here; elsewhere > 0 {
		view.Elsewhere = &templates.Notice{Title: plural(elsewhere, "more message") + " nobody has read.", Text: "They bear an older time than those on this page.", Href: withQuery("/sms", "box", "in", "unread", "yes", "device", id), Link: "Show them"}
	}
	return nil
}

var errMessages = fault.New(fault.Invalid, "It is not given which messages have been read. Open the conversation anew.")

// readConversation notes that the messages of a device that are on the page have been read.
func (s *Server) readConversation(c *gin.Context) (response, error) {
	id := c.Param("id")
	ids, err := numbersIn(c.PostForm("messages"))
	if !cmp.ValidID(id) || err != nil {
		return nil, errMessages
	}
	e := operator(c).Entry(audit.SMSRead, audit.Event)
	e.Outcome = audit.OK
	if _, err := s.Inbox.Read(c.Request.Context(), id, ids, e); err != nil {
		return nil, err
	}
	s.Live.Publish("unread", "device:"+id)
	return seeOther(talkHref(id)), nil
}

// numbersIn reads the numbers of messages, with commas between them: as many as a page can show.
func numbersIn(text string) (ids []int64, err error) {
	for part := range strings.SplitSeq(text, ",") {
		id, ok := serial(part)
		if !ok || len(ids) > 1000 {
			return nil, errMessages
		}
		ids = append(ids, id)
	}
	return ids, nil
}
