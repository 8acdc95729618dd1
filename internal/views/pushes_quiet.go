package views

import (
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/webhook"
	"cmpconsole/web/templates"
)

// quiet is for how long no callback has come, of any kind and of each.
type quiet struct {
	since  time.Time // they are awaited
	newest map[webhook.Kind]time.Time
}

// after is the moment since which none of a kind has come.
func (q quiet) after(kind webhook.Kind) time.Time {
	if at := q.newest[kind]; at.After(q.since) {
		return at
	}
	return q.since
}

// pushQuiet warns when callbacks are on and none has come for longer than is usual here: of any kind, or of one that was to come, because the CMP
// took a change from here meanwhile. Of messages from devices nobody knows when one is to come.
func (s *Server) pushQuiet(c *gin.Context, k clock, newest map[webhook.Kind]time.Time) ([]templates.Notice, error) {
	if s.PushQuiet == 0 || len(s.Inbox.Tokens) == 0 {
		return nil, nil
	}
	since, err := s.Inbox.AwaitedSince(c.Request.Context())
	if err != nil {
		return nil, err
	}
	q := quiet{since, newest}
	last := since
	for kind := range newest {
		if at := q.after(kind); at.After(last) {
			last = at
		}
	}
	switch {
	case last.IsZero():
		return nil, nil
	case k.now.Sub(last) > s.PushQuiet:
		return []templates.Notice{k.allQuiet(last, len(newest) > 0)}, nil
	}
	taken, err := s.Actions.TakenAfter(c.Request.Context(), q.after(webhook.OrderStatus), q.after(webhook.SMSMT))
	if err != nil {
		return nil, err
	}
	var list []templates.Notice
	for _, one := range []struct {
		kind   webhook.Kind
		taken  time.Time
		change string
	}{{webhook.OrderStatus, taken.Order, "An order was changed from here"}, {webhook.SMSMT, taken.SMS, "An SMS was sent from here"}} {
		if !one.taken.IsZero() && k.now.Sub(one.taken) > s.PushQuiet {
			list = append(list, k.kindQuiet(one.kind, one.taken, one.change))
		}
	}
	return list, nil
}

func (k clock) allQuiet(last time.Time, ever bool) templates.Notice {
	n := templates.Notice{Tone: "warn", Title: "No callback for " + span(k.now.Sub(last)) + ".", Text: "The last one came " + k.stamp(last).Text + ". Either nothing has changed since, or the CMP does not reach this console any more."}
	if !ever {
		n.Title, n.Text = "No callback has come in "+span(k.now.Sub(last))+".", "They are awaited since "+k.stamp(last).Text+". Either nothing has changed since, or the CMP's operator has not set the addresses yet, or the CMP does not reach this console."
	}
	n.Text += " What changes is still read, only later, but for SMS from devices: their texts come by callback alone."
	return n
}

func (k clock) kindQuiet(kind webhook.Kind, taken time.Time, change string) templates.Notice {
	return templates.Notice{Tone: "warn", Title: "No callback “" + kindWords[kind].word + "” for " + span(k.now.Sub(taken)) + ".",
		Text: change + ", " + k.stamp(taken).Text + ", and the CMP took it, but has not called back since. Callbacks of other kinds come: ask its operator whether this address is set. What changes is still read, only later."}
}

// quietFacts tell on home that callbacks are missing; none while they come.
func (s *Server) quietFacts(c *gin.Context, k clock) (facts []templates.Fact, err error) {
	newest, err := s.Inbox.Newest(c.Request.Context())
	if err != nil {
		return nil, err
	}
	list, err := s.pushQuiet(c, k, newest)
	for _, n := range list {
		facts = append(facts, templates.Fact{Name: "Callbacks", Value: n.Title, Href: "/pushes"})
	}
	return facts, err
}
