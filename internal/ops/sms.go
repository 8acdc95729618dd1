package ops

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// MaxSMSDevices is how many devices one SMS may go to: as many as an operator can still look over.
const MaxSMSDevices = 20

// MaxSegments is how many parts a message can have: their count is one byte in its header (3GPP TS 23.040, 9.2.3.24.1).
const MaxSegments = 255

// accepted is the state of a message that the CMP knows of.
const accepted = "accepted"

// sms is the kind of a message to one device. Its id is new, so that there is nothing to read before it is sent;
// whether the CMP knows the id tells afterwards what became of a lost answer.
var sms = &kind{
	settled: audit.SMSSettled, unread: true,
	fields: func(_ Rule, a Action) []audit.Field {
		facts := []audit.Field{{Key: "msg_id", Value: a.Wants}}
		if m := a.sms; m != nil {
			facts = append(facts, audit.Field{Key: "binary", Value: strconv.FormatBool(m.Binary)}, audit.Field{Key: "segments", Value: strconv.Itoa(measure(m.Content, m.Binary).Segments)})
		}
		return facts
	},
	subject: func(a Action) string { return "sms:" + a.Wants },
	read: func(ctx context.Context, c Client, a Action) (string, error) {
		found, err := c.MTMessages(ctx, cmp.MTQuery{MsgID: a.Wants, Page: 1, Size: 5})
		if err != nil || len(found.Messages) == 0 {
			return "", err
		}
		return accepted, nil
	},
	wanted:  func(Rule, Action) string { return accepted },
	busy:    "This message is on its way already, so it was not sent again.",
	changed: "This message was sent before, so it was not sent again.",
	evident: notEvident,
}

var smsRules = []Rule{{Verb: Send, Permission: auth.SMSSend, Audit: audit.SMSSend, kind: sms, send: func(ctx context.Context, c changer, a Action) (answer, error) {
	return answer{}, c.SendSMS(ctx, *a.sms)
}}}

// Draft is an SMS as an operator wrote it: a text, or bytes in hexadecimal.
type Draft struct {
	Devices []string
	Content string
	Binary  bool
}

// Measure counts the segments of one device's message; without a device, of one whose id has 20 characters.
func (d Draft) Measure(deviceID string) Measure {
	return measure(d.For(deviceID), d.Binary)
}

// measure counts the segments of one device's message.
func measure(content string, binary bool) Measure {
	if binary {
		return MeasureBinary(len(content) / 2)
	}
	return MeasureText(content)
}

// Longest counts the segments of the longest of the devices' messages.
func (d Draft) Longest() int {
	most := d.Measure("").Segments
	for i, id := range d.Devices {
		if n := d.Measure(id).Segments; i == 0 || n > most {
			most = n
		}
	}
	return most
}

// PrepareSMS keeps what was previewed: an action and a message for each device, none of them sent. It returns the
// id of the batch, which sends them.
func (o *Actions) PrepareSMS(ctx context.Context, who Operator, d Draft) (batch string, err error) {
	if !who.Can(auth.SMSSend) {
		return "", fault.New(fault.Forbidden, "Your role does not allow sending SMS. It needs "+holders(auth.SMSSend)+".")
	}
	if err := o.lacks(Send); err != nil {
		return "", err
	}
	if len(d.Devices) == 0 || len(d.Devices) > MaxSMSDevices || d.Content == "" {
		return "", fault.New(fault.Invalid, fmt.Sprintf("An SMS needs a text and from 1 to %d devices.", MaxSMSDevices))
	}
	if n := d.Longest(); n > MaxSegments {
		return "", fault.New(fault.Invalid, TooLong(n))
	}
	batch, now := rand.Text(), o.now()
	ids, err := newMsgIDs(len(d.Devices), now)
	if err != nil {
		return "", err
	}
	err = o.db.Write(ctx, func(tx *sql.Tx) error {
		if err := forgetOldPages(ctx, tx, now); err != nil {
			return err
		}
		for i, device := range d.Devices {
			a := Action{ID: rand.Text(), DeviceID: device, Verb: Send, Actor: who.Name, Prepared: now}
			if err := insertPrepared(ctx, tx, a); err != nil {
				return err
			}
			if err := insertMessage(ctx, tx, a.ID, Message{MsgID: ids[i], Batch: batch, DeviceID: device, Draft: d.For(device), Binary: d.Binary, Segments: d.Measure(device).Segments, Sent: now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, err, "The SMS could not be prepared, because the database did not take it. Nothing was sent.")
	}
	return batch, nil
}

// TooLong says that a message has too many parts.
func TooLong(segments int) string {
	return fmt.Sprintf("This takes %d SMS a device. A message can have %d at most: shorten it.", segments, MaxSegments)
}

// newMsgIDs makes ids in the form that the document prints: LK, the time, six digits.
func newMsgIDs(count int, now time.Time) ([]string, error) {
	start, err := rand.Int(rand.Reader, big.NewInt(1_000_000-MaxSMSDevices))
	if err != nil {
		return nil, fmt.Errorf("new message id: %w", err)
	}
	ids := make([]string, count)
	for i := range ids {
		ids[i] = fmt.Sprintf("LK%s%06d", now.In(cmp.Zone).Format("20060102150405"), start.Int64()+int64(i))
	}
	return ids, nil
}

// SendBatch sends what was previewed, each message once at most, whatever is posted how often. Each message's own
// row tells what became of it; an error means that none could be sent.
func (o *Actions) SendBatch(ctx context.Context, who Operator, batch string) ([]Message, error) {
	ctx = context.WithoutCancel(ctx) // a browser that leaves does not cut a batch in half
	messages, err := o.messagesOf(ctx, who, batch)
	if err != nil {
		return nil, err
	}
	var refused error
	sent, pressed := 0, o.now()
	o.each(batch, topicMessages, len(messages), func(i int) {
		m := messages[i]
		to := cmp.SMS{To: []cmp.SMSAddress{{DeviceID: m.DeviceID, MsgID: m.MsgID}}, Content: m.Draft, Binary: m.Binary}
		_, err := o.Do(ctx, who, Form{pressed: pressed, ActionID: m.ActionID, DeviceID: m.DeviceID, Verb: Send, Wants: m.MsgID, sms: &to})
		if err != nil {
			o.logger.Warn("sms not sent", "msg_id", m.MsgID, "err", err) // the action's row says why
			refused = err
			return
		}
		sent++
	})
	if sent == 0 && fault.KindOf(refused) == fault.Unavailable {
		return nil, refused // for every message alike: no change is sent just now, or none can be recorded
	}
	o.batchDone()
	return o.messagesOf(ctx, who, batch)
}

// StartBatch is SendBatch for whoever does not wait until all is done: the messages that are left after a moment go on without them.
func (o *Actions) StartBatch(ctx context.Context, who Operator, batch string) error {
	ctx = context.WithoutCancel(ctx)
	messages, err := o.messagesOf(ctx, who, batch)
	if err != nil {
		return err
	}
	return o.inTime(batch, topicMessages, len(messages), func() error {
		_, err := o.SendBatch(ctx, who, batch)
		return err
	})
}

func (o *Actions) messagesOf(ctx context.Context, who Operator, batch string) ([]Message, error) {
	messages, err := selectMessages(ctx, o.db.Read(), `WHERE m.batch = ? AND a.actor = ? ORDER BY m.msg_id`, batch, who.Name)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The database did not answer. Nothing was sent.")
	}
	if len(messages) == 0 {
		return nil, fault.New(fault.Conflict, "This preview is not known here any more. Nothing was sent. Look at it again and send it.")
	}
	return messages, nil
}
