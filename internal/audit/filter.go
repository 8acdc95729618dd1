package audit

import (
	"strings"
	"time"
)

// Filter says which rows a list shows. Empty fields do not filter. Before and After page by seq: the rows
// older than Before, or those next newer than After. Limit is 50 when not set, 1000 at most.
type Filter struct {
	Actor, Action, Device, Order, Outcome string
	Since, Until                          time.Time // from the first on, before the second
	Text                                  string    // somewhere in the row but its number and times, whatever the case of its letters
	Changes                               bool      // only what was done to a thing, or refused or settled: no intents, views or sign-ins
	Before, After                         int64
	Limit                                 int
}

const (
	defaultLimit = 50
	maxLimit     = 1000
)

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return defaultLimit
	}
	return min(f.Limit, maxLimit)
}

// columns are what a filter may compare, in the order of the bits by which indexes name them.
var columns = [...]string{"actor", "action", "outcome", "device", "order_id"}

// values are what the columns must hold; empty ones are not compared.
func (f Filter) values() [len(columns)]string {
	return [...]string{f.Actor, f.Action, f.Outcome, f.Device, f.Order}
}

// everything tells whether the filter leaves out no row but for its time.
func (f Filter) everything() bool {
	return f.values() == [len(columns)]string{} && !f.Changes && f.Text == ""
}

// changes is word for word what the indexes of changes hold.
const changes = `(phase = 'outcome' OR action LIKE '%.settled' OR outcome = 'refused')`

// where is the condition that holds for the rows of a stretch, but for the text; the stretch says whether their times are
// known to fit.
func (f Filter) where(s stretch) (string, []any) {
	terms, args := []string{"seq BETWEEN ? AND ?"}, []any{s.first, s.last}
	for i, value := range f.values() {
		if value != "" {
			terms, args = append(terms, columns[i]+" = ?"), append(args, value)
		}
	}
	if f.Changes {
		terms = append(terms, changes)
	}
	if s.mixed && !f.Since.IsZero() {
		terms, args = append(terms, "time >= ?"), append(args, f.Since.UnixMicro())
	}
	if s.mixed && !f.Until.IsZero() {
		terms, args = append(terms, "time < ?"), append(args, f.Until.UnixMicro())
	}
	return " WHERE " + strings.Join(terms, " AND "), args
}
