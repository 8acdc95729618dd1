package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"cmpconsole/internal/store"
)

// Delivery is one of the times that a callback came.
type Delivery struct {
	ID       int64
	Received time.Time
	Source   string
}

// Digest is what callbacks of one kind and content have in common, however their bodies are laid out.
func (p *Push) Digest() [sha256.Size]byte { return p.digestOf(canonical(p.Body)) }

// canonical is a body without what says nothing in JSON: spaces, the order of the fields, how a letter is written. What is no JSON object stays as it is.
func canonical(body []byte) []byte {
	dec := json.NewDecoder(bytes.NewReader(withoutMark(body)))
	dec.UseNumber()
	var fields map[string]any
	if !utf8.Valid(body) || dec.Decode(&fields) != nil || fields == nil {
		return body
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) { // something follows
		return body
	}
	plain, err := json.Marshal(fields)
	if err != nil {
		return body
	}
	return plain
}

func (p *Push) digestOf(body []byte) [sha256.Size]byte {
	return sha256.Sum256(append([]byte(p.Kind+"\n"), body...))
}

// Deliveries returns the callbacks of the same kind and content that are kept, this one among them, the newest first.
func (i *Inbox) Deliveries(ctx context.Context, p Push, limit int) ([]Delivery, error) {
	rows, err := i.db.Read().QueryContext(ctx, `SELECT id, received, source FROM push WHERE digest = ? ORDER BY id DESC LIMIT ?`, p.digest, limit)
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	defer rows.Close()
	var found []Delivery
	for rows.Next() {
		var d Delivery
		var received int64
		if err := rows.Scan(&d.ID, &received, &d.Source); err != nil {
			return nil, fmt.Errorf("read delivery: %w", err)
		}
		d.Received = time.UnixMicro(received).UTC()
		found = append(found, d)
	}
	return found, rows.Err()
}

// newerOf returns the number of the newest callback of the same kind and content, 0 when this is the one.
func newerOf(ctx context.Context, q store.Querier, p Push) (newest int64, err error) {
	if err = q.QueryRowContext(ctx, `SELECT max(id) FROM push WHERE digest = ?`, p.digest).Scan(&newest); err != nil {
		return 0, fmt.Errorf("look for a newer delivery: %w", err)
	}
	if newest == p.ID {
		return 0, nil
	}
	return newest, nil
}
