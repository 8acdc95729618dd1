// Package webhook receives the CMP's callbacks and keeps them. They carry no signature that the API document knows and no id of
// the event, may come twice, late, out of order or never: nothing is believed because a callback says it.
package webhook

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/time/rate"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// Kind is one of the callbacks, by the last part of its address.
type Kind string

// The kinds, by the sections of the API document: "Order status push", "SMS MT data push", "SMS MO data push".
const (
	OrderStatus Kind = "order-status"
	SMSMT       Kind = "sms-mt"
	SMSMO       Kind = "sms-mo"
)

// Kinds lists them in the order of the document.
func Kinds() []Kind { return []Kind{OrderStatus, SMSMT, SMSMO} }

// MaxBody bounds what a callback may send, in bytes.
const MaxBody = 64 << 10

// State is how far a callback was processed.
type State string

// The states.
const (
	New        State = "new"        // to be processed, at once or when it is due
	Done       State = "done"       // led to its effect
	Failed     State = "failed"     // the CMP could not be asked for a day
	Unreadable State = "unreadable" // its body says nothing that we understand
)

// Effect is what a callback led to.
type Effect string

// The effects.
const (
	Confirmed Effect = "confirmed" // the CMP says that an action has taken effect
	Changed   Effect = "changed"   // the CMP says something new of the order
	Same      Effect = "same"      // the CMP says what was known
	Seen      Effect = "seen"      // the CMP says how the order is, and nothing was known of it here before
	Reported  Effect = "reported"  // the CMP says what became of our message
	Kept      Effect = "kept"      // a message from a device is in the inbox
	Again     Effect = "again"     // the same message from a device was there
	Stranger  Effect = "stranger"  // it names nothing that this console or the CMP knows
)

// Push is one callback as it came, with what was read in it and what it led to.
type Push struct {
	ID       int64
	Kind     Kind
	Received time.Time
	Source   string // address of the sender
	Headers  http.Header
	Body     []byte
	Erased   int64 // the row of the log that tells who erased the text in it; 0 when nobody did
	Signed   Signed
	State    State
	Device   string // the card that it names, as it names it
	Subject  string // the order or message that it names, or the MSISDN that a message came from
	Wrong    string // why it cannot be read

	Due     time.Time // when it is looked at next, while it is New
	Tries   int       // how often the CMP could not be asked
	Done    time.Time
	Effect  Effect
	Told    string // what the CMP said: the order's status, or the message's report
	Holder  string // the device whose number it names; empty when the copy of the fleet has none
	Message string // our message that a report was joined to
	Joined  string // and by what
	Action  string // the action that it led to the end of
	Seq     int64  // the row of the log that tells so
	Times   int    // how many with this body came, this one included
	First   time.Time

	digest []byte // what callbacks that are one have in common: see fold
}

// Inbox keeps the callbacks in console.db.
type Inbox struct {
	Options

	db              *store.DB
	pace            *rate.Limiter
	most, mostBytes int64
}

// Options say whose callbacks count. Log and Now are needed.
type Options struct {
	Tokens  []string       // of the addresses, two while they change; none: the addresses do not exist
	Sources []netip.Prefix // whose callbacks count; none: everybody's who has the token
	Key     string         // of signatures; empty: none is checked
	Log     *audit.Log     // of what callbacks led to, and who had one processed again
	Now     func() time.Time
}

// NewInbox returns the inbox of the database.
func NewInbox(db *store.DB, o Options) *Inbox {
	return &Inbox{Options: o, db: db, pace: rate.NewLimiter(perSecond, atOnce), most: mostKept, mostBytes: mostBytes}
}

// The bounds of the inbox: callbacks a second and at once, and how many are kept. Whoever knows the token can send no more.
const (
	perSecond = 100
	atOnce    = 1000
	mostKept  = 100_000
	mostBytes = 256 << 20 // of bodies and headers
)

var (
	errTooMany = fault.New(fault.Unavailable, "Too many callbacks at once. Send it again later.")
	errForged  = fault.New(fault.Forbidden, "The signature of this callback is wrong.")
)

// Receive stores a callback. When it returns without an error the callback is on the disk; otherwise the sender must send
// it again. One whose signature is wrong is not stored.
func (i *Inbox) Receive(ctx context.Context, kind Kind, source string, headers http.Header, body []byte) (Push, error) {
	p := Push{Kind: kind, Received: i.Now().UTC().Truncate(time.Microsecond), Source: source, Headers: i.kept(headers), Body: append([]byte{}, body...), State: New}
	if !i.pace.AllowN(p.Received, 1) {
		return Push{}, errTooMany
	}
	if p.Signed = checkSignature(i.Key, headers, body); p.Signed == Forged {
		return Push{}, errForged
	}
	p.read()
	if err := i.insert(ctx, &p); err != nil {
		return Push{}, fault.Wrap(fault.Unavailable, err, "The callback could not be stored. Send it again.")
	}
	return p, nil
}

func (i *Inbox) insert(ctx context.Context, p *Push) error {
	digest, sum := p.Digest(), int64(0)
	p.digest = digest[:]
	return i.db.Write(ctx, func(tx *sql.Tx) error {
		if err := p.withoutErased(ctx, tx); err != nil {
			return err
		}
		headers, err := json.Marshal(p.Headers)
		if err != nil {
			return err
		}
		if err := p.fold(ctx, tx); err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, `INSERT INTO push (kind, received, source, headers, body, erased, digest, signed, state, device, subject, wrong, times, first, sum)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? + coalesce((SELECT sum FROM push ORDER BY id DESC LIMIT 1), 0)) RETURNING id, sum`,
			p.Kind, p.Received.UnixMicro(), p.Source, string(headers), p.Body, p.Erased, p.digest, p.Signed, p.State, p.Device, p.Subject, p.Wrong, p.Times, p.First.UnixMicro(), len(p.Body)+len(headers)).Scan(&p.ID, &sum)
		if err != nil {
			return fmt.Errorf("store callback: %w", err)
		}
		return i.forget(ctx, tx, p.ID-i.most, sum-i.mostBytes)
	})
}

// forget deletes the oldest, so that the inbox takes no more room than it may.
func (i *Inbox) forget(ctx context.Context, tx *sql.Tx, id, sum int64) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM push WHERE id <= ?`, id)
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM push WHERE sum <= ?`, sum)
	}
	if err != nil {
		return fmt.Errorf("forget old callbacks: %w", err)
	}
	return nil
}

// fold lets the callback stand for those with the same content that came before.
func (p *Push) fold(ctx context.Context, tx *sql.Tx) error {
	p.Times, p.First = 1, p.Received
	var times int
	var first int64
	err := tx.QueryRowContext(ctx, `UPDATE push SET folded = 1 WHERE digest = ? AND folded = 0 RETURNING times, first`, p.digest).Scan(&times, &first)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("fold callbacks: %w", err)
	}
	p.Times, p.First = times+1, time.UnixMicro(first).UTC()
	return nil
}
