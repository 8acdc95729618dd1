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

// came is when the last one came, of whatever kind; the zero time when none is kept.
func (q quiet) came() (last time.Time) {
	for _, at := range q.newest {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// after is the moment since which none of a kind has come.
func (q quiet) after(kind webhook.Kind) time.Time {
	return latest(q.since, q.newest[kind])
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
	switch from := latest(since, q.came()); {
	case from.IsZero():
		return nil, nil
	case k.now.Sub(from) > s.PushQuiet:
		return []templates.Notice{k.allQuiet(since, q.came())}, nil
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

// allQuiet words that none has come since they are awaited, or since the last one came. That may have been before they were awaited anew.
func (k clock) allQuiet(since, came time.Time) templates.Notice {
	silent := span(k.now.Sub(latest(since, came)))
	n := templates.Notice{Tone: "warn", Title: "No callback has come in " + silent + "."}
	switch {
	case came.IsZero():
		n.Text = "They are awaited since " + k.stamp(since).Text + ". Either nothing has changed since, or the CMP's operator has not set the addresses yet, or the CMP does not reach this console."
	case came.Before(since):
		n.Text = "They are awaited anew since " + k.stamp(since).Text + ", and the last one came before that, " + k.stamp(came).Text + ". Either nothing has changed since, or the CMP does not have the new addresses, or it does not reach this console any more."
	default:
		n.Title = "No callback for " + silent + "."
		n.Text = "The last one came " + k.stamp(came).Text + ". Either nothing has changed since, or the CMP does not reach this console any more."
	}
	n.Text += " What changes is still read, only later, but for SMS from devices: their texts come by callback alone."
	return n
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
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
