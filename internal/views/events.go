package views

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/live"
)

const (
	beatEvery    = 15 * time.Second // a proxy closes what is silent for longer than it likes, 60 s by default
	sendTime     = 10 * time.Second // for one event to leave; whoever takes nothing for so long has gone
	topicsAtMost = 100              // of one stream
)

// topicRule is who may listen to topics of a sort: whoever may open the pages that show such a thing. Without valid the topic is
// the word alone.
type topicRule struct {
	permission auth.Permission
	valid      func(id string) bool
}

var topicRules = map[string]topicRule{
	"order":    {auth.OrdersRead, cmp.ValidOrderID},
	"device":   {auth.DevicesRead, cmp.ValidID},
	"batch":    {auth.OrdersRead, isBatch},
	"labels":   {auth.DevicesNote, isBatch},
	"message":  {auth.SMSRead, cmp.ValidMsgID},
	"messages": {auth.SMSRead, nil},
	"sync":     {auth.DevicesRead, nil},
	"work":     {auth.DevicesRead, nil},
	"pushes":   {auth.PushesRead, nil},
	"unread":   {auth.SMSRead, nil},
}

// isBatch tells an id of what is done to many devices together: it is made of 26 letters and digits.
func isBatch(id string) bool {
	return len(id) == 26 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// ruleOf returns the rule of a topic; false when there is no such topic.
func ruleOf(topic string) (topicRule, bool) {
	word, id, named := strings.Cut(topic, ":")
	rule, ok := topicRules[word]
	return rule, ok && named == (rule.valid != nil) && (!named || rule.valid(id))
}

func isTopic(topic string) bool {
	_, ok := ruleOf(topic)
	return ok
}

// forbiddenTopic is the first of the topics that somebody may not listen to; empty when there is none.
func forbiddenTopic(id auth.Identity, topics []string) string {
	for _, topic := range topics {
		if rule, ok := ruleOf(topic); !ok || !id.Can(rule.permission) {
			return topic
		}
	}
	return ""
}

// listen streams which of the topics have changed, as server-sent events, until the page or the session has gone. It tells topics
// alone: the page reads its own address again, which asks for permission and is recorded as pages are.
func (s *Server) listen(c *gin.Context) (response, error) {
	topics := c.QueryArray("on")
	if err := s.mayListen(c, topics); err != nil {
		return nil, err
	}
	if c.Request.Method == http.MethodHead {
		return streamHeaders, nil
	}
	own := sessionsTopic(operator(c).Name)
	stream, err := s.Live.Subscribe(operator(c).Name, append(slices.Clone(topics), own), lastEvent(c))
	switch {
	case errors.Is(err, live.ErrOwnerLimit):
		return nil, fault.Wrap(fault.TooMany, err, "You have too many pages open that are kept up to date. Close some of them; this one looks for itself from time to time.")
	case err != nil:
		return nil, fault.Wrap(fault.Unavailable, err, "No page can be kept up to date just now. It looks for itself from time to time.")
	}
	return func(c *gin.Context) {
		defer stream.Close()
		streamHeaders(c)
		tick, stop := s.beat()
		defer stop()
		s.relay(c, stream, topics, tick)
	}, nil
}

// sessionsTopic is told when sessions of a user may have ended, so that their streams end at once and not with the next beat. Nobody
// can ask for it, and no page is told of it.
func sessionsTopic(name string) string { return "user:" + name }

// lastEvent is the position that a page knows: the browser's own header when a stream broke, the address when the page opens one.
func lastEvent(c *gin.Context) string {
	if last := c.GetHeader("Last-Event-ID"); last != "" {
		return last
	}
	return c.Query("last")
}

// mayListen refuses topics that there are not, and those that somebody may not see.
func (s *Server) mayListen(c *gin.Context, topics []string) error {
	if len(topics) == 0 || len(topics) > topicsAtMost {
		return fault.New(fault.Invalid, "A stream is of 1 to "+number(topicsAtMost)+" topics, each given as on=.")
	}
	for _, topic := range topics {
		if !isTopic(topic) {
			return fault.New(fault.Invalid, "There is no topic “"+topic+"”.")
		}
	}
	if topic := forbiddenTopic(operator(c).Identity, topics); topic != "" {
		rule, _ := ruleOf(topic)
		s.deny(c, route{action: audit.AccessDenied}, "no permission "+string(rule.permission))
		return fault.New(fault.Forbidden, "Your role does not allow this. You hold: "+roleTitles(operator(c).Identity)+".")
	}
	return nil
}

// streamHeaders begin a stream that nobody on its way may hold back, pack or keep.
func streamHeaders(c *gin.Context) {
	c.Header("Content-Type", "text/event-stream")
	c.Header("X-Accel-Buffering", "no")
	c.Header(gzhttp.HeaderNoCompression, "1") // taken out again by the compressor itself
	c.Status(http.StatusOK)
}

// relay writes what the stream tells. Before anything leaves the session is looked at again, so that a stream ends with it.
func (s *Server) relay(c *gin.Context, stream *live.Stream, topics []string, tick <-chan time.Time) {
	out := newEventStream(c.Writer)
	if out.hello(stream.Start) != nil {
		return
	}
	for {
		send := out.beat
		select {
		case <-c.Request.Context().Done():
			return
		case <-stream.Ended():
			return
		case <-tick:
		case <-stream.Ready():
			send = func() error { return out.tell(asked(stream.Take(), topics)) }
		}
		if id, err := s.Sessions.Peek(c.Request); err != nil || forbiddenTopic(id, topics) != "" {
			if fault.KindOf(err) == fault.Unauthenticated || err == nil {
				_ = out.over() // it ends in any case
			}
			return
		}
		if send() != nil {
			return
		}
	}
}

// asked leaves of an event the topics that the page has asked for.
func asked(e live.Event, topics []string) live.Event {
	e.Topics = slices.DeleteFunc(e.Topics, func(topic string) bool { return !slices.Contains(topics, topic) })
	return e
}

// eventStream writes server-sent events, each in its own time: the server's limit for answers does not hold for streams.
type eventStream struct {
	w  io.Writer
	rc *http.ResponseController
}

func newEventStream(w http.ResponseWriter) eventStream {
	return eventStream{w, http.NewResponseController(w)}
}

// hello says where the stream begins, and how long to wait before another one is opened in place of one that broke.
func (e eventStream) hello(at string) error {
	return e.send("retry: 3000\nid: " + at + "\nevent: hello\ndata: live\n\n")
}

// beat shows that the stream still lives: by a comment to whatever stands between, by an event to the page, which sees no comments.
func (e eventStream) beat() error { return e.send(": beat\nevent: beat\ndata: live\n\n") }

// over tells that the session has ended, so that nothing more will come.
func (e eventStream) over() error { return e.send("event: over\ndata: signed out\n\n") }

func (e eventStream) tell(what live.Event) error {
	switch {
	case what.Refresh:
		return e.send("id: " + what.ID + "\nevent: refresh\ndata: all\n\n")
	case len(what.Topics) == 0: // told with the event before, or nothing to be told
		return nil
	}
	return e.send("id: " + what.ID + "\nevent: changed\ndata: " + strings.Join(what.Topics, " ") + "\n\n")
}

func (e eventStream) send(text string) error {
	_ = e.rc.SetWriteDeadline(time.Now().Add(sendTime)) // a connection without limits has none to be lifted
	if _, err := io.WriteString(e.w, text); err != nil {
		return err
	}
	return e.rc.Flush()
}

// newBeat ticks for a stream until it is stopped.
func newBeat() (tick <-chan time.Time, stop func()) {
	t := time.NewTicker(beatEvery)
	return t.C, t.Stop
}
