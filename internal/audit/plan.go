package audit

import (
	"context"
	"fmt"
	"math/bits"

	"cmpconsole/internal/store"
)

// index is one that finds rows by columns, in the order of seq. SQLite keeps no figures of how common a value is and would
// guess, so lists name theirs.
type index struct {
	name    string
	columns uint8 // bits in the order of columns
	changes bool  // holds changes only
}

const (
	byActor = 1 << iota
	byAction
	byOutcome
	byDevice
	byOrder
)

var indexes = []index{
	{"audit_order", byOrder, false},
	{"audit_device", byDevice, false},
	{"audit_actor_action", byActor | byAction, false},
	{"audit_actor_outcome", byActor | byOutcome, false},
	{"audit_action_outcome", byAction | byOutcome, false},
	{"audit_actor", byActor, false},
	{"audit_action", byAction, false},
	{"audit_outcome", byOutcome, false},
	{"audit_change_order", byOrder, true},
	{"audit_change_device", byDevice, true},
	{"audit_change_actor", byActor, true},
	{"audit_change", 0, true},
}

// fitting are the indexes that narrow the filter down, without those that another one narrows down further.
func (f Filter) fitting() (fit []index) {
	var set uint8
	for i, value := range f.values() {
		if value != "" {
			set |= 1 << i
		}
	}
	for _, x := range indexes {
		if x.columns&^set == 0 && (!x.changes || f.Changes) {
			fit = append(fit, x)
		}
	}
	best := fit[:0:0]
	for _, x := range fit {
		if !x.outdone(fit) {
			best = append(best, x)
		}
	}
	return best
}

// outdone tells whether another index holds some of the same rows only.
func (x index) outdone(by []index) bool {
	for _, y := range by {
		if y != x && x.columns&^y.columns == 0 && (y.changes || !x.changes) && bits.OnesCount8(y.columns) >= bits.OnesCount8(x.columns) {
			return true
		}
	}
	return false
}

// probeRows is how far indexes are looked into to find the one that holds fewest rows.
const probeRows = 1000

// access is how a statement reads the table: by the index that holds the fewest rows of what the filter asks for.
func (f Filter) access(ctx context.Context, q store.Querier, within stretch) (string, error) {
	fit := f.fitting()
	if len(fit) == 0 {
		return " NOT INDEXED", nil
	}
	best, fewest := fit[0], int64(probeRows)
	for _, x := range fit {
		if len(fit) == 1 {
			break
		}
		only := Filter{Changes: x.changes}
		for i, to := range []*string{&only.Actor, &only.Action, &only.Outcome, &only.Device, &only.Order} {
			if x.columns&(1<<i) != 0 {
				*to = f.values()[i]
			}
		}
		n, err := only.count(ctx, q, " INDEXED BY "+x.name, within, fewest)
		if err != nil {
			return "", err
		}
		if n < fewest {
			best, fewest = x, n
		}
	}
	return " INDEXED BY " + best.name, nil
}

// count counts the rows of a stretch, up to a limit.
func (f Filter) count(ctx context.Context, q store.Querier, access string, s stretch, limit int64) (n int64, err error) {
	if f.everything() && !s.mixed {
		return s.last - s.first + 1, nil // numbers have no gap
	}
	where, args := f.where(s)
	if err := q.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM audit"+access+where+" LIMIT ?)", append(args, limit)...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count audit rows: %w", err)
	}
	return n, nil
}
