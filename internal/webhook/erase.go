package webhook

import (
	"bytes"
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
	Known  bool   // whether a callback that tells of it again is known without the text

	sms    sms
	digest []byte // of the message, when that is all that is kept
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

// same tells whether two tell of one message. A device that one of them does not name, as older messages do not, is known by its number.
func (s sms) same(o sms) bool {
	if s.phone != o.phone || s.to != o.to || s.stamped != o.stamped || s.text != o.text || s.text == "" {
		return false
	}
	return s.named != "" && s.named == o.named || s.phone != "" && (s.named == o.named || s.named == "" || o.named == "")
}

// memorable tells whether it can be known again by its origin alone. Without a time other texts of its sender would be taken for it, and what
// looks like a text is not remembered.
func (s sms) memorable() bool {
	return s.stamped != "" && s.named+s.phone != "" && plain(s.named) && plain(s.phone) && plain(s.to) && plain(s.stamped)
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
	return Brought{Device: p.device(), Erased: p.Erased, Known: e.sms().memorable(), sms: e.sms()}, p, nil
}

// broughtBefore finds the message of a callback that had to make room. An older one does not say which device was named.
func broughtBefore(ctx context.Context, q store.Querier, push int64) (b Brought, err error) {
	err = q.QueryRowContext(ctx, `SELECT device, erased, CASE WHEN named = '' AND phone = '' THEN device ELSE named END, phone, dest, stamped, content, digest FROM mo_message WHERE push = ? LIMIT 1`, push).
		Scan(&b.Device, &b.Erased, &b.sms.named, &b.sms.phone, &b.sms.to, &b.sms.stamped, &b.sms.text, &b.digest)
	if errors.Is(err, sql.ErrNoRows) {
		return b, errNoPush
	}
	if err != nil {
		return b, fmt.Errorf("read the message of callback %d: %w", push, err)
	}
	if b.Known = b.sms.memorable(); !plain(b.Device) { // it stands for the number, and goes into the log
		b.Device = ""
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
		found, err := telling(ctx, tx, &b, p)
		if err != nil {
			return false, err
		}
		seed := []byte(rand.Text())
		if err := emptyMessages(ctx, tx, b.sms, push, found, seq); err != nil {
			return false, err
		}
		if err := emptyPushes(ctx, tx, found, seq, seed); err != nil {
			return false, err
		}
		return true, remember(ctx, tx, b.sms, seq, seed)
	}
}

// telling finds the callbacks that have the very body of one, or tell of the same message in other words, and learns from them which device
// was named. It looks into every body.
func telling(ctx context.Context, tx *sql.Tx, b *Brought, p Push) (same []Push, err error) {
	number := strings.TrimPrefix(strings.TrimSuffix(b.sms.phone, "…"), "+") // some write the sign otherwise
	rows, err := tx.QueryContext(ctx, `SELECT id, kind, received, body, digest, state, subject, wrong FROM push WHERE erased = 0 AND (digest = ?1
		OR ?2 <> '' AND instr(body, CAST(?2 AS BLOB)) > 0 OR ?3 <> '' AND instr(body, CAST(?3 AS BLOB)) > 0 OR ?4 <> '' AND holder = ?4)`, p.digest, b.sms.named, number, b.Device)
	if err != nil {
		return nil, fmt.Errorf("look for callbacks of the same message: %w", err)
	}
	defer rows.Close()
	named := b.sms.named
	for rows.Next() {
		var one Push
		var received int64
		if err := rows.Scan(&one.ID, &one.Kind, &received, &one.Body, &one.digest, &one.State, &one.Subject, &one.Wrong); err != nil {
			return nil, fmt.Errorf("read callback of the same message: %w", err)
		}
		one.Received = time.UnixMicro(received).UTC()
		e, _ := one.Event()
		sum := e.digest(one.Received)
		if bytes.Equal(one.digest, p.digest) || e.sms().same(b.sms) || bytes.Equal(sum[:], b.digest) {
			same = append(same, one)
			named = cmp.Or(e.Device, named)
		}
	}
	b.sms.named = named
	return same, rows.Err()
}

// emptyPushes takes the text out of callbacks; those of a kind have one digest then. Their headers go with it, since some are made of the body.
func emptyPushes(ctx context.Context, tx *sql.Tx, found []Push, seq int64, seed []byte) error {
	for _, one := range found {
		one.withoutText()
		digest := one.digestOf(seed)
		if _, err := tx.ExecContext(ctx, `UPDATE push SET body = ?, headers = '{}', subject = ?, wrong = ?, erased = ?, digest = ? WHERE id = ?`, one.Body, one.Subject, one.Wrong, seq, digest[:], one.ID); err != nil {
			return fmt.Errorf("erase the text of callback %d: %w", one.ID, err)
		}
	}
	return refold(ctx, tx, seq, seed)
}

// withoutText takes out the text, and what was read in fields that hold one where they should not.
func (p *Push) withoutText() {
	p.Body, _ = Mask(p.Body, erasedText)
	p.Headers = http.Header{}
	p.Subject = standing(p.Subject)
	if p.State == Unreadable {
		p.Wrong = erasedText
		if _, err := p.Event(); err != nil {
			p.Wrong = bounded(err.Error())
		}
	}
}

// standing is a value as it stays beside a text that is erased.
func standing(value string) string {
	if plain(value) {
		return value
	}
	return erasedText
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

// emptyMessages takes the text out of the message: of that which the callback asked for or one of those found brought, and of one that they
// tell of. Older messages do not say which device was named.
func emptyMessages(ctx context.Context, tx *sql.Tx, of sms, push int64, found []Push, seq int64) error {
	const emptied = `UPDATE mo_message SET content = '', digest = randomblob(32), erased = ?, device = CASE device WHEN phone THEN ? ELSE device END, phone = ?, dest = ?, stamped = ? WHERE erased = 0 AND `
	empty := func(statement string, args ...any) error {
		_, err := tx.ExecContext(ctx, statement, append([]any{seq, standing(of.phone), standing(of.phone), standing(of.to), standing(of.stamped)}, args...)...)
		if err != nil {
			return fmt.Errorf("erase the text of a message: %w", err)
		}
		return nil
	}
	for _, one := range found {
		e, _ := one.Event()
		sum := e.digest(one.Received)
		if err := empty(emptied+`digest = ?`, sum[:]); err != nil {
			return err
		}
	}
	if err := empty(emptied+`push = ?`, push); err != nil {
		return err
	}
	return empty(emptied+`phone = ? AND dest = ? AND stamped = ? AND content = ? AND (named = ? AND named <> '' OR phone <> '' AND (named = '' OR ? = ''))`, of.phone, of.to, of.stamped, of.text, of.named, of.named)
}

// remember keeps whose text was erased, so that a callback that tells of it again does not bring it back.
func remember(ctx context.Context, tx *sql.Tx, of sms, seq int64, seed []byte) error {
	if !of.memorable() {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO erased_text (seq, named, phone, dest, stamp, seed) VALUES (?, ?, ?, ?, ?, ?)`, seq, of.named, of.phone, of.to, of.stamped, seed); err != nil {
		return fmt.Errorf("remember whose text was erased: %w", err)
	}
	return nil
}

// erasedBefore tells whether the text of such a message was erased, by the row that says so, and the seed of its callbacks' digests. Another
// message of the same moment that is kept is none of it.
func (p *Push) erasedBefore(ctx context.Context, tx *sql.Tx, e Event) (seq int64, seed []byte, err error) {
	of, sum := e.sms(), e.digest(p.Received)
	if !of.memorable() {
		return 0, nil, nil
	}
	err = tx.QueryRowContext(ctx, `SELECT seq, seed FROM erased_text WHERE phone = ?1 AND dest = ?2 AND stamp = ?3 AND (named = ?4 OR phone <> '' AND (named = '' OR ?4 = ''))
		AND NOT EXISTS (SELECT 1 FROM mo_message WHERE digest = ?5) AND NOT EXISTS (SELECT 1 FROM push WHERE digest = ?6 AND erased = 0) ORDER BY seq DESC LIMIT 1`,
		of.phone, of.to, of.stamped, of.named, sum[:], p.digest).Scan(&seq, &seed)
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
	seq, seed, err := p.erasedBefore(ctx, tx, e)
	if err != nil || seq == 0 {
		return err
	}
	digest := p.digestOf(seed)
	p.Erased, p.digest = seq, digest[:]
	p.withoutText()
	return nil
}
