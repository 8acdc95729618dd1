package webhook

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// erasedText stands in callbacks where a text was.
const erasedText = "(text erased)"

// Brought is what is known of the text of a callback, without it.
type Brought struct {
	Device string // that it came from
	Erased int64  // the row of the log that tells who erased it; 0 while it is there

	sms sms
}

// sms is an SMS from a device by what its callbacks say of it.
type sms struct {
	named, phone, to, stamped string // origin: who sent it where and when, as it came
	text                      string // as it is kept
}

func (e Event) sms() sms {
	return sms{e.Device, e.Phone, e.To, e.At.Raw, cut(e.Text, longestText)}
}

// stamp is the sender's time, or the hour in which it came: the same text an hour later is another message.
func (s sms) stamp(received time.Time) string {
	if s.stamped != "" {
		return s.stamped
	}
	return received.UTC().Format("2006-01-02 15h")
}

// Brought returns what is known of the text that a callback brought. The message outlives its callback. It fails when there is neither, and
// when the callback brings no text.
func (i *Inbox) Brought(ctx context.Context, push int64) (Brought, error) {
	b, _, err := brought(ctx, i.db.Read(), push)
	return b, err
}

// brought returns the callback as well, which has no number when it is kept no more.
func brought(ctx context.Context, q store.Querier, push int64) (Brought, Push, error) {
	found, err := selectPushes(ctx, q, `WHERE id = ?`, push)
	if err != nil {
		return Brought{}, Push{}, err
	}
	if len(found) == 0 {
		b, err := broughtBefore(ctx, q, push)
		return b, Push{}, err
	}
	p := found[0]
	if p.Erased == 0 && !p.MayHoldText() {
		return Brought{}, Push{}, fault.New(fault.NotFound, fmt.Sprintf("Callback %d brings no text that could be erased.", push))
	}
	e, _ := p.Event() // of one that cannot be read the body alone is erased
	return Brought{Device: p.device(), Erased: p.Erased, sms: e.sms()}, p, nil
}

// broughtBefore finds the message of a callback that had to make room.
func broughtBefore(ctx context.Context, q store.Querier, push int64) (b Brought, err error) {
	err = q.QueryRowContext(ctx, `SELECT device, erased, named, phone, dest, stamped, content FROM mo_message WHERE push = ? LIMIT 1`, push).
		Scan(&b.Device, &b.Erased, &b.sms.named, &b.sms.phone, &b.sms.to, &b.sms.stamped, &b.sms.text)
	if errors.Is(err, sql.ErrNoRows) {
		return b, errNoPush
	}
	if err != nil {
		return b, fmt.Errorf("read the message of callback %d: %w", push, err)
	}
	return b, nil
}

// EraseText returns what erases the text that a callback brought, in one transaction with the row of the log that the entry becomes: in every
// callback that tells of the same message and in the message itself. It tells whether there was one left to erase. The bytes are gone from
// the files after store.DB.Scrub only.
func (i *Inbox) EraseText(push int64) func(context.Context, *sql.Tx, audit.Entry) (bool, error) {
	return func(ctx context.Context, tx *sql.Tx, e audit.Entry) (bool, error) {
		b, p, err := brought(ctx, tx, push)
		if err != nil || b.Erased > 0 {
			return false, err
		}
		e.Device, e.Detail = b.Device, append(e.Detail, audit.Field{Key: "push", Value: strconv.FormatInt(push, 10)})
		seq, err := i.Log.RecordRedactionTx(ctx, tx, 0, "text", e)
		if err != nil {
			return false, err
		}
		seed := []byte(rand.Text())
		stamps, err := emptyPushes(ctx, tx, b.sms, p, seq, seed)
		if err != nil {
			return false, err
		}
		if err := emptyMessages(ctx, tx, b.sms, seq, stamps); err != nil {
			return false, err
		}
		return true, remember(ctx, tx, b.sms, seq, seed, stamps)
	}
}

// emptyPushes takes the text out of the callback and of all others that tell of the same message; those of a kind have one digest then. Their
// headers go with it, since some are made of the body. It returns the stamps of their messages.
func emptyPushes(ctx context.Context, tx *sql.Tx, of sms, p Push, seq int64, seed []byte) (stamps map[string]bool, err error) {
	found, err := telling(ctx, tx, of, p)
	if err != nil {
		return nil, err
	}
	stamps = map[string]bool{}
	for _, one := range found {
		masked, _ := Mask(one.Body, erasedText)
		digest := one.digestOf(seed)
		if _, err := tx.ExecContext(ctx, `UPDATE push SET body = ?, headers = '{}', erased = ?, digest = ? WHERE id = ?`, masked, seq, digest[:], one.ID); err != nil {
			return nil, fmt.Errorf("erase the text of callback %d: %w", one.ID, err)
		}
		stamps[of.stamp(one.Received)] = true
	}
	return stamps, refold(ctx, tx, seq, seed)
}

// refold lets the newest of each kind stand for all whose text a row says was erased. Several stood for their own repetitions before.
func refold(ctx context.Context, tx *sql.Tx, seq int64, seed []byte) error {
	for _, kind := range Kinds() {
		digest := (&Push{Kind: kind}).digestOf(seed)
		for _, statement := range []string{
			`UPDATE push SET times = (SELECT sum(times) FROM push WHERE digest = ?1 AND folded = 0), first = (SELECT min(first) FROM push WHERE digest = ?1) WHERE id = (SELECT max(id) FROM push WHERE digest = ?1)`,
			`UPDATE push SET folded = id < (SELECT max(id) FROM push WHERE digest = ?1) WHERE digest = ?1`,
		} {
			if _, err := tx.ExecContext(ctx, statement, digest[:]); err != nil {
				return fmt.Errorf("fold callbacks whose text row %d says was erased: %w", seq, err)
			}
		}
	}
	return nil
}

// telling finds the callbacks that have the very body of one, or tell of the same message in other words. It looks into every body.
func telling(ctx context.Context, tx *sql.Tx, of sms, p Push) (same []Push, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, kind, received, body, digest FROM push WHERE erased = 0 AND (digest = ?1 OR ?2 <> '' AND instr(body, CAST(?2 AS BLOB)) > 0)`, p.digest, cmp.Or(of.named, strings.TrimSuffix(of.phone, "…")))
	if err != nil {
		return nil, fmt.Errorf("look for callbacks of the same message: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one Push
		var received int64
		if err := rows.Scan(&one.ID, &one.Kind, &received, &one.Body, &one.digest); err != nil {
			return nil, fmt.Errorf("read callback of the same message: %w", err)
		}
		one.Received = time.UnixMicro(received).UTC()
		e, _ := one.Event()
		if string(one.digest) == string(p.digest) || of.text != "" && e.sms() == of {
			same = append(same, one)
		}
	}
	return same, rows.Err()
}

// emptyMessages takes the text out of the message, and adds its stamps.
func emptyMessages(ctx context.Context, tx *sql.Tx, of sms, seq int64, stamps map[string]bool) error {
	rows, err := tx.QueryContext(ctx, `UPDATE mo_message SET content = '', digest = randomblob(32), erased = ?
		WHERE erased = 0 AND named = ? AND phone = ? AND dest = ? AND stamped = ? AND content = ? RETURNING received`, seq, of.named, of.phone, of.to, of.stamped, of.text)
	if err != nil {
		return fmt.Errorf("erase the text of a message: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var received int64
		if err := rows.Scan(&received); err != nil {
			return fmt.Errorf("erase the text of a message: %w", err)
		}
		stamps[of.stamp(time.UnixMicro(received))] = true
	}
	return rows.Err()
}

// remember keeps whose text was erased, so that a callback that tells of it again does not bring it back.
func remember(ctx context.Context, tx *sql.Tx, of sms, seq int64, seed []byte, stamps map[string]bool) error {
	if of.named == "" && of.phone == "" {
		return nil // nobody could know it again
	}
	for stamp := range stamps {
		if _, err := tx.ExecContext(ctx, `INSERT INTO erased_text (seq, named, phone, dest, stamp, seed) VALUES (?, ?, ?, ?, ?, ?)`, seq, of.named, of.phone, of.to, stamp, seed); err != nil {
			return fmt.Errorf("remember whose text was erased: %w", err)
		}
	}
	return nil
}

// erasedBefore tells whether the text of such a message was erased, by the row that says so, and the seed of its callbacks' digests. Another
// message of the same moment that is in the inbox is none of it.
func erasedBefore(ctx context.Context, tx *sql.Tx, e Event, received time.Time) (seq int64, seed []byte, err error) {
	of := e.sms()
	sum := e.digest(received)
	err = tx.QueryRowContext(ctx, `SELECT seq, seed FROM erased_text WHERE phone = ? AND dest = ? AND stamp = ? AND named = ? AND NOT EXISTS (SELECT 1 FROM mo_message WHERE mo_message.digest = ?)
		ORDER BY seq DESC LIMIT 1`, of.phone, of.to, of.stamp(received), of.named, sum[:]).Scan(&seq, &seed)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, nil, fmt.Errorf("look whether a text was erased: %w", err)
	}
	return seq, seed, nil
}

// withoutErased leaves a callback that has just come without its text when that was erased before, so that it never gets onto the disk.
func (p *Push) withoutErased(ctx context.Context, tx *sql.Tx) error {
	if !p.MayHoldText() {
		return nil
	}
	e, _ := p.Event() // of one at the wrong address too
	seq, seed, err := erasedBefore(ctx, tx, e, p.Received)
	if err != nil || seq == 0 {
		return err
	}
	digest := p.digestOf(seed)
	p.Erased, p.digest = seq, digest[:]
	p.Body, _ = Mask(p.Body, erasedText)
	p.Headers = http.Header{}
	return nil
}
