package views

import (
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// ordersWatched is of how many orders a page of a device hears by their own ids; changes from here name the device as well.
const ordersWatched = 20

// watch keeps parts of a page up to date: they are read at href again when one of the topics has changed.
func watch(c *gin.Context, href, parts string, topics ...string) *templates.Watch {
	return &templates.Watch{Topics: strings.Join(topics, " "), Href: href, Parts: parts, At: c.GetString(keyAt)}
}

// unreadBadge counts in the navigation of every page the messages that nobody has read, for those who may see messages.
func (s *Server) unreadBadge(c *gin.Context) *templates.Unread {
	if !operator(c).Can(auth.SMSRead) {
		return nil
	}
	return &templates.Unread{Count: s.unreadWord(c), At: c.GetString(keyAt)}
}

// countUnread answers with that count alone. Pages read it when it has changed, whatever they show, so that nothing else is asked for.
func (s *Server) countUnread(c *gin.Context) (response, error) {
	return part(templates.UnreadCount(*s.unreadBadge(c))), nil
}

// deviceTopics are what a page of a device listens to.
func deviceTopics(r deviceReading) []string {
	return append([]string{"device:" + r.device.ID}, orderTopics(r.orders, ordersWatched)...)
}

// orderTopics are what a page listens to that shows orders; of more than atMost it hears when it is told of their device.
func orderTopics(orders []cmp.Order, atMost int) (topics []string) {
	for _, o := range orders[:min(len(orders), atMost)] {
		if topic := "order:" + o.ID; isTopic(topic) {
			topics = append(topics, topic)
		}
	}
	return topics
}

// lookEvery is how often an open page asks for the reports of messages, in seconds: the CMP may not call back, and sends most
// reports soon or never. Nothing is asked for when none waits.
func lookEvery(shown []ops.Message, now time.Time) string {
	wait := ""
	for _, m := range shown {
		switch age := now.Sub(m.Sent); {
		case !m.Waits():
		case age < 2*time.Minute:
			return "4"
		case age < 15*time.Minute:
			wait = "15"
		case wait == "":
			wait = "60"
		}
	}
	return wait
}
