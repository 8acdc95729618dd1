package webhook

import (
	"context"
	"database/sql"
	"math"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
)

// reportTime is how long the CMP is asked for a report that a callback announced and that it does not have itself.
const reportTime = time.Hour

// reports joins delivery reports to our messages, and asks the CMP what became of these.
func (p *Processor) reports(ctx context.Context, group []*Push) error {
	for _, push := range group {
		if err := p.report(ctx, push); err != nil {
			return err
		}
	}
	return nil
}

func (p *Processor) report(ctx context.Context, push *Push) error {
	e, err := push.Event()
	if err != nil {
		push.State, push.Wrong = Unreadable, err.Error()
		return p.keep(ctx, []*Push{push})
	}
	at := e.At.At
	if at.IsZero() {
		at = push.Received
	}
	ids, by, err := p.Actions.MessagesOf(ctx, e.Message, push.Holder, at)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return p.strangers(ctx, []*Push{push}, "")
	}
	found, wait, err := p.heard(ctx, ids, e)
	switch {
	case err != nil:
		p.failed([]*Push{push}, err)
		return p.keep(ctx, []*Push{push})
	case found.id == "" && wait > 0:
		p.later([]*Push{push}, wait)
		return p.keep(ctx, []*Push{push})
	case found.id == "":
		return p.unreported(ctx, push)
	}
	if found.sure {
		if err := p.Actions.NameProvider(ctx, found.id, e.Message); err != nil {
			return err
		}
	}
	return p.reported(ctx, push, found, by)
}

// heardReport is what the CMP says of the message that a report is about.
type heardReport struct {
	id   string
	told cmp.MTMessage
	sure bool // no other message fits as well
}

// heard asks the CMP about the messages that a report may be about, and picks the one whose end, by the CMP, is nearest to the report's own time.
// Where it has a report on none, wait tells that one of them was just asked about.
func (p *Processor) heard(ctx context.Context, ids []string, e Event) (found heardReport, wait time.Duration, err error) {
	nearest := time.Duration(math.MaxInt64)
	for _, id := range ids {
		told, w, err := p.Actions.HearReport(ctx, id)
		if err != nil {
			return found, 0, err
		}
		if wait = max(wait, w); told.Report == "" {
			continue
		}
		switch d := apart(told.Ended.At, e.At.At); {
		case d < nearest || found.id == "":
			found, nearest = heardReport{id, told, true}, d
		case d == nearest:
			found.sure = false
		}
	}
	return found, wait, nil
}

// apart is how long lies between two moments; the longest time when one of them is not known.
func apart(a, b time.Time) time.Duration {
	if a.IsZero() || b.IsZero() {
		return math.MaxInt64
	}
	return a.Sub(b).Abs()
}

// unreported waits for a CMP that has no report yet, though a callback announced one, for a while, and then lets the callback be.
func (p *Processor) unreported(ctx context.Context, push *Push) error {
	age := p.Now().Sub(push.Received)
	push.Due, push.Wrong = p.Now().Add(min(max(age, Coalesce), mostWait)), ""
	if age > reportTime {
		push.settled(Same, p.Now())
	}
	return p.keep(ctx, []*Push{push})
}

// reported keeps which message it was, and records the report, once a message, whoever has read it first.
func (p *Processor) reported(ctx context.Context, push *Push, found heardReport, by string) error {
	push.Message, push.Joined, push.Told, push.Wrong = found.id, by, string(found.told.Report), ""
	if push.Holder == "" {
		push.Holder = found.told.DeviceID
	}
	err := p.keep(ctx, []*Push{push}, func(ctx context.Context, tx *sql.Tx) error {
		var recorded bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM push WHERE message = ? AND message <> '' AND seq > 0)`, found.id).Scan(&recorded)
		if err != nil {
			return err
		}
		if recorded {
			push.settled(Same, p.Now())
			return nil
		}
		push.settled(Reported, p.Now())
		push.Seq, err = p.Log.AppendTx(ctx, tx, audit.Entry{Actor: audit.CMP, Action: audit.PushReport, Phase: audit.Event, Outcome: audit.OK, Device: push.Holder,
			Detail: []audit.Field{{Key: "msg_id", Value: found.id}, {Key: "report", Value: push.Told}, {Key: "joined", Value: by}}})
		return err
	})
	if err == nil {
		p.Tell("message:"+found.id, "messages", "device:"+push.Holder)
	}
	return err
}

// inbound puts messages from devices into the inbox.
func (p *Processor) inbound(ctx context.Context, group []*Push) error {
	arrived := false
	err := p.keep(ctx, group, func(ctx context.Context, tx *sql.Tx) error {
		for _, push := range group {
			e, err := push.Event()
			if err != nil {
				push.State, push.Wrong = Unreadable, err.Error()
				continue
			}
			effect, err := keepInbound(ctx, tx, *push, e)
			if err != nil {
				return err
			}
			push.settled(effect, p.Now())
			arrived = arrived || effect == Kept
		}
		return nil
	})
	if err == nil && arrived {
		p.Tell("unread", "device:"+group[0].Holder)
	}
	return err
}
