package audit

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"cmpconsole/internal/store"
)

// secretID names a value that a row commits to.
type secretID struct {
	seq   int64
	field string
}

// judgeSecrets compares what is kept beside a row with what the row commits to. A row that is not intact says
// nothing about its values.
func (v *verifier) judgeSecrets(s *stored, intact bool) {
	own := s.kept
	for len(own) > 0 && own[0].seq < s.seq {
		v.stray(own[:1])
		own = own[1:]
	}
	if !intact {
		return
	}
	for _, k := range own {
		switch _, committed := v.row.Commitment(k.field); {
		case !committed:
			v.fault(s.seq, "row %d has a value beside it, %q, that it does not commit to", s.seq, k.field)
		case !k.fits(&v.row):
			v.fault(s.seq, "row %d has another %s beside it than it commits to: the value or its salt was changed", s.seq, k.field)
		default:
			v.report.Kept++
		}
	}
	for _, c := range v.row.Commitments {
		if !slices.ContainsFunc(own, func(k secret) bool { return k.field == c.Key }) {
			v.gone[secretID{s.seq, strings.Clone(c.Key)}] = true
		}
	}
}

// stray notes values beside rows that are not there.
func (v *verifier) stray(kept []secret) {
	for _, k := range kept {
		if !v.excused(k.seq) {
			v.fault(k.seq, "row %d is not there, but a value of it is kept: %q", k.seq, k.field)
		}
	}
}

// redacted notes that a row says that a value was erased.
func (v *verifier) redacted(r *Row) {
	id := secretID{r.Of, strings.Clone(r.Get(erased))}
	switch {
	case r.Of < v.from || r.Outcome != OK: // what it points at was not read, or nothing was erased
	case v.gone[id]:
		delete(v.gone, id)
		v.report.Erased++
	default:
		v.erased[id] = r.Seq
	}
}

// judgeErased finds values that went without a word, and those that are there although a row says that they were
// erased. The text of an SMS older than this table was erased without ever having stood in it.
func (v *verifier) judgeErased(ctx context.Context, q store.Querier) error {
	for _, id := range sorted(v.erased) {
		var back *secret
		if v.has["audit_secret"] {
			var err error
			if back, err = selectSecret(ctx, q, id.seq, id.field); err != nil {
				return err
			}
		}
		if back != nil {
			v.fault(id.seq, "row %d has its %s beside it again, which row %d erased", id.seq, id.field, v.erased[id])
		} else {
			v.report.Erased++
		}
	}
	for _, id := range sorted(v.gone) {
		v.fault(id.seq, "row %d has lost its %s: it is not beside the row, and no row says that it was erased", id.seq, id.field)
	}
	return nil
}

func sorted[T any](ids map[secretID]T) []secretID {
	return slices.SortedFunc(maps.Keys(ids), func(a, b secretID) int {
		return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.field, b.field))
	})
}
