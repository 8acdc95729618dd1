package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// Exported is a row as it leaves: with the bytes that were hashed, and the proof that it stands in the tree of the
// newest checkpoint, when that is no older than the row.
type Exported struct {
	Row
	Body  []byte
	Proof tlog.RecordProof
	Size  int64 // of that checkpoint
}

const exportPage = 500

// WholeLog is the detail of the row that records an export without filters: such an export holds this very row.
const WholeLog = "whole"

// Whole tells whether a filter leaves out no row of the log.
func (f Filter) Whole() bool { return f.everything() && f.Since.IsZero() && f.Until.IsZero() }

// Ends returns the numbers of the first and the last row that match, 0 when none does.
func (l *Log) Ends(ctx context.Context, f Filter) (first, last int64, err error) {
	f.Before, f.After = 0, 0
	for _, end := range []struct {
		seq    *int64
		oldest bool
	}{{&first, true}, {&last, false}} {
		rows, err := l.page(ctx, f, end.oldest, 1, &reading{})
		if err != nil || len(rows) == 0 {
			return 0, 0, err
		}
		*end.seq = rows[0].Seq
	}
	return first, last, nil
}

// Export calls each with every row that matches, oldest first, up to the newest one there is at the beginning. Rows of
// a log that is broken have no proof where none can be made.
func (l *Log) Export(ctx context.Context, f Filter, each func(Exported) error) error {
	p, err := newestProver(ctx, l.db.Read())
	if ctx.Err() != nil {
		return err
	}
	if err != nil {
		return l.ExportBare(ctx, f, each)
	}
	return l.ExportBare(ctx, f, func(r Exported) error {
		if r.Proof, err = p.prove(r.Seq); err == nil && r.Proof != nil {
			r.Size = p.size
		}
		return each(r)
	})
}

// ExportBare does what Export does, without proofs.
func (l *Log) ExportBare(ctx context.Context, f Filter, each func(Exported) error) error {
	newest, err := l.newest(ctx)
	if err != nil {
		return err
	}
	f.Before, f.After = newest+1, 0
	var room reading
	for {
		rows, err := l.page(ctx, f, true, exportPage, &room)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := each(r); err != nil {
				return err
			}
		}
		if len(rows) < exportPage {
			return nil
		}
		f.After = rows[len(rows)-1].Seq
	}
}

// JSON is the row as a line of a JSON Lines export. body is what was hashed, word for word.
func (e Exported) JSON() []byte {
	b := fmt.Appendf(make([]byte, 0, 2*len(e.Body)+512), `{"seq":%d`, e.Seq)
	for _, f := range []struct{ name, value string }{
		{"time", e.Time.UTC().Format(timeLayout)}, {"actor", e.Actor}, {"action", string(e.Action)}, {"phase", string(e.Phase)}, {"outcome", e.Outcome},
		{"device", e.Device}, {"order", e.Order}, {"reason", e.Reason}, {"upstream_code", e.UpstreamCode}, {"upstream_message", e.UpstreamMessage},
		{"request_id", e.RequestID},
	} {
		b = append(append(append(b, `,"`...), f.name...), `":`...)
		b = appendString(b, f.value)
	}
	b = fmt.Appendf(b, `,"of":%d,"prev_hash":"%x","hash":"%x"`, e.Of, e.PrevHash, e.Hash)
	b = appendObject(b, "detail", e.details())
	b = appendObject(b, "secrets", e.Commitments)
	b = append(b, `,"body":`...)
	b = appendString(b, string(e.Body))
	if e.Proof != nil {
		b = fmt.Appendf(b, `,"tree_size":%d,"proof":[`, e.Size)
		for i, h := range e.Proof {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(append(append(b, '"'), hex.EncodeToString(h[:])...), '"')
		}
		b = append(b, ']')
	}
	return append(b, "}\n"...)
}

// details are what stands under detail: a name that the row uses for something of its own is numbered there.
func (e Exported) details() []Field {
	fields := []Field{{"roles", e.Roles}, {"ip", e.IP}, {"session", e.Session}, {"latency_ms", fmt.Sprint(e.LatencyMS)}}
	for _, d := range e.Detail {
		base := d.Key
		for n := 2; slices.ContainsFunc(fields, func(f Field) bool { return f.Key == d.Key }); n++ {
			d.Key = base + "_" + strconv.Itoa(n)
		}
		fields = append(fields, d)
	}
	return fields
}

// line is JSON without its end.
func (e Exported) line() []byte { return bytes.TrimSuffix(e.JSON(), []byte("\n")) }
