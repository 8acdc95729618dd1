package webhook

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"cmpconsole/internal/store"
)

// Inbound is an SMS from a device, as a callback told it (API document, "SMS MO data push"). Who sent it is not verified.
type Inbound struct {
	ID       int64
	Push     int64  // the callback that brought it
	Device   string // the device of the copy that has the number, or the number as it came
	Known    bool   // whether the copy has the device
	Phone    string // MSISDN that it was sent from
	To       string // short code that it was sent to
	Content  string
	Erased   int64     // the row of the log that tells who erased the content; 0 while it is there
	Stamped  string    // the sender's time, as it came
	At       time.Time // that time, or when it came where there is none
	Received time.Time
	Read     time.Time // zero while nobody has
	ReadBy   string
}

// InboundQuery narrows the messages from devices.
type InboundQuery struct {
	Device string
	Unread bool
	Before int64 // the id of the last one seen; 0 for the newest
	Limit  int
}

// Inbounds returns messages from devices, those that came last first.
func (i *Inbox) Inbounds(ctx context.Context, q InboundQuery) ([]Inbound, error) {
	condition, args := q.where()
	return selectInbounds(ctx, i.db.Read(), condition+` ORDER BY id DESC LIMIT ?`, append(args, q.Limit)...)
}

// where holds only the conditions that are asked for, so that each finds its index.
func (q InboundQuery) where() (condition string, args []any) {
	condition = `WHERE id > 0`
	if q.Device != "" {
		condition, args = condition+` AND device = ?`, append(args, q.Device)
	}
	if q.Unread {
		condition += ` AND read_at IS NULL`
	}
	if q.Before > 0 {
		condition, args = condition+` AND id < ?`, append(args, q.Before)
	}
	return condition, args
}

func selectInbounds(ctx context.Context, q store.Querier, rest string, args ...any) ([]Inbound, error) {
	rows, err := q.QueryContext(ctx, `SELECT id, push, device, known, phone, dest, content, erased, stamped, at, received, read_at, read_by FROM mo_message `+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read messages from devices: %w", err)
	}
	defer rows.Close()
	var found []Inbound
	for rows.Next() {
		var m Inbound
		var at, received int64
		var read sql.NullInt64
		if err := rows.Scan(&m.ID, &m.Push, &m.Device, &m.Known, &m.Phone, &m.To, &m.Content, &m.Erased, &m.Stamped, &at, &received, &read, &m.ReadBy); err != nil {
			return nil, fmt.Errorf("read message from a device: %w", err)
		}
		m.At, m.Received = time.UnixMicro(at).UTC(), time.UnixMicro(received).UTC()
		if read.Valid {
			m.Read = time.UnixMicro(read.Int64).UTC()
		}
		found = append(found, m)
	}
	return found, rows.Err()
}

// Unread tells how many messages from devices nobody has read.
func (i *Inbox) Unread(ctx context.Context) (n int, err error) {
	if err = i.db.Lookup().QueryRowContext(ctx, `SELECT count(*) FROM mo_message WHERE read_at IS NULL`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count unread messages: %w", err)
	}
	return n, nil
}

// The bounds of messages from devices: how many are kept, and how long a text may be, in bytes. More than a hundred SMS is none; the callback has
// what is cut.
const (
	mostInbound = 50_000
	longestText = 16 << 10
)

// digest is what makes it the same message.
func (e Event) digest(received time.Time) [sha256.Size]byte {
	return sha256.Sum256([]byte(strings.Join([]string{e.Device, e.Phone, e.To, e.sms().stamp(received), e.Text}, "\x00")))
}

// keepInbound puts the message of a callback into the inbox, once: one from the same number to the same code, of the same moment and
// text, is the same; it is told again which device it is from when that is known meanwhile. One whose text was erased, be it since the
// callback was read, is not put in again.
func keepInbound(ctx context.Context, tx *sql.Tx, p Push, e Event) (Effect, error) {
	var erased bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM push WHERE id = ? AND erased > 0)`, p.ID).Scan(&erased); err != nil || erased {
		return Again, err
	}
	device, known := cmp.Or(p.Holder, e.Device, e.Phone), p.Holder != ""
	at := p.Received
	if !e.At.At.IsZero() {
		at = e.At.At
	}
	sum := e.digest(p.Received)
	var id int64
	err := tx.QueryRowContext(ctx, `INSERT INTO mo_message (push, digest, device, named, known, phone, dest, content, stamped, at, received) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (digest) DO UPDATE SET device = excluded.device, known = 1 WHERE mo_message.known = 0 AND excluded.known = 1 RETURNING id`, p.ID, sum[:], device, e.Device, known, e.Phone, e.To, cut(e.Text, longestText), e.At.Raw, at.UnixMicro(), p.Received.UnixMicro()).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		var own bool // it was this callback that brought it, processed once more
		err = tx.QueryRowContext(ctx, `SELECT push = ? FROM mo_message WHERE digest = ?`, p.ID, sum[:]).Scan(&own)
		return map[bool]Effect{true: Kept, false: Again}[own], err
	}
	if err != nil {
		return "", fmt.Errorf("keep message from a device: %w", err)
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM mo_message WHERE id <= ?`, id-mostInbound)
	return Kept, err
}
