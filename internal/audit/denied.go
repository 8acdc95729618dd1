package audit

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Whoever is not signed in can be refused as often as he likes, and every row stays for good. So refusals of
// strangers share rows: at most one a minute for each source, and one for all sources beyond maxSources.
const (
	deniedEvery = time.Minute
	maxSources  = 60
)

// AppendDenied records a refusal that a stranger can cause at will. When its source, the entry's IP and
// action, had a row within the last minute, the entry is only counted: the source's next row carries the
// number as detail "suppressed", or a row without particulars does, written by the next refusal of anybody
// once the minute is over, or by Flush. Use it like Append, with a context that outlives the browser.
func (l *Log) AppendDenied(ctx context.Context, e Entry) error {
	e.Phase, e.Outcome = Event, Denied
	return l.appendDue(ctx, l.denied.admit(l.now(), e))
}

// Flush writes the numbers of refusals that no row has carried yet, for the console to stop.
func (l *Log) Flush(ctx context.Context) error {
	return l.appendDue(ctx, l.denied.takeAll(l.now()))
}

func (l *Log) appendDue(ctx context.Context, rows []due) error {
	if len(rows) == 0 {
		return nil
	}
	err := l.db.Write(ctx, func(tx *sql.Tx) error {
		for _, d := range rows {
			if _, err := l.AppendTx(ctx, tx, d.entry); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.denied.putBack(rows)
		return fmt.Errorf("append refusals: %w", err)
	}
	return nil
}

// source is where refusals come from; the one without an address stands for all that are too many to tell apart.
type source struct {
	ip     string
	action Action
}

// tally is when a source last had a row and how many of its refusals were left out since.
type tally struct {
	since time.Time
	left  int
}

// fresh tells whether the row is recent. One from the future is not: it comes from a clock that was set back.
func (t *tally) fresh(now time.Time) bool {
	age := now.Sub(t.since)
	return age >= 0 && age < deniedEvery
}

// due is a row to write, and how many refusals it stands for.
type due struct {
	source
	entry Entry
	count int
}

// denied counts refusals by their source.
type denied struct {
	mu      sync.Mutex
	sources map[source]*tally
}

// admit takes a refusal and returns the rows to write now: that of the refusal, unless its source had one
// lately, and those of other sources whose minute is over.
func (d *denied) admit(now time.Time, e Entry) []due {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := source{e.IP, e.Action}
	rows := d.take(now, func(s source, t *tally) bool { return s != from && !t.fresh(now) })
	if d.sources[from] == nil && len(d.sources) >= maxSources {
		from.ip = ""
	}
	t := d.tally(from)
	if t.fresh(now) {
		t.left++
		return rows
	}
	if t.left > 0 {
		e.Detail = append(slices.Clip(e.Detail), suppressed(t.left))
	}
	rows = append(rows, due{from, e, t.left + 1})
	*t = tally{since: now}
	return rows
}

func (d *denied) takeAll(now time.Time) []due {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.take(now, func(source, *tally) bool { return true })
}

// take returns the rows that still have to tell of the refusals of sources that fit, and forgets the sources
// of which there is nothing to tell.
func (d *denied) take(now time.Time, fits func(source, *tally) bool) []due {
	var rows []due
	for s, t := range d.sources {
		switch {
		case !fits(s, t):
		case t.left == 0:
			delete(d.sources, s)
		default:
			e := Entry{Action: s.action, Phase: Event, Outcome: Denied, IP: s.ip, Detail: []Field{suppressed(t.left)}}
			rows = append(rows, due{s, e, t.left})
			*t = tally{since: now}
		}
	}
	return rows
}

// putBack counts again what could not be written. The sources' next refusals try anew.
func (d *denied) putBack(rows []due) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, row := range rows {
		t := d.tally(row.source)
		t.since, t.left = time.Time{}, t.left+row.count
	}
}

func (d *denied) tally(s source) *tally {
	if d.sources == nil {
		d.sources = map[source]*tally{}
	}
	if d.sources[s] == nil {
		d.sources[s] = &tally{}
	}
	return d.sources[s]
}

func suppressed(n int) Field { return Field{Key: "suppressed", Value: strconv.Itoa(n)} }
