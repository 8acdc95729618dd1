package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// searchCopies are the text columns that repeat a field of the body, in the order of verifyColumns.
var searchCopies = [...]struct {
	column string
	of     func(*Row) string
}{
	{"actor", func(r *Row) string { return r.Actor }},
	{"action", func(r *Row) string { return string(r.Action) }},
	{"phase", func(r *Row) string { return string(r.Phase) }},
	{"outcome", func(r *Row) string { return r.Outcome }},
	{"device", func(r *Row) string { return r.Device }},
	{"order_id", func(r *Row) string { return r.Order }},
	{"request_id", func(r *Row) string { return r.RequestID }},
}

// verifier walks the log from one row to the next.
type verifier struct {
	report Report
	has    map[string]bool // the tables that can be read
	from   int64

	claims       []claim // what the rows must agree with, in the order of sizes
	vouched      int64   // the row up to which a claim agreed
	against      claim   // the newest claim that contradicted the rows
	contradicted []Fault // what claims say of rows
	unsigned     []Fault // what is wrong with claims themselves
	tree         *growth // of the rows so far; nil when no claim needs it, or rows are not in their places

	begun bool   // the log has an id and a recorded end:
	log   string // that id
	size  int64  // its newest row
	head  []byte // and that row's hash

	last    int64          // the row judged last
	hash    []byte         // its hash, what the next row should link to; nil when not known
	suspect bool           // the row judged last is faulty or missing already
	bad     map[int64]bool // faulty rows, which pairing does not judge again
	crowded bool           // there are more faulty rows than bad has, so that pairing judges none
	gaps    [][2]int64     // missing rows, first and last of each gap
	open    map[int64]bool // the intents without an outcome so far
	settled rowSet         // the intents that have one

	gone   map[secretID]bool  // values that are not kept and that no row has erased so far
	erased map[secretID]int64 // other values that a row, which this tells, says it erased

	row Row    // what the body of the row being judged says
	buf []byte // scratch space
}

// fault notes what is wrong with a row, once a row.
func (v *verifier) fault(seq int64, format string, args ...any) {
	if v.bad[seq] {
		return
	}
	f := Fault{Seq: seq, What: fmt.Sprintf(format, args...)}
	v.report.wrong.add(f.What)
	if v.report.Faults = v.report.list(v.report.Faults, f); len(v.bad) < maxFaults {
		v.bad[seq] = true
	} else {
		v.crowded = true
	}
}

// judge compares one row with the one before, with itself and with its search copies.
func (v *verifier) judge(s *stored) {
	v.report.Rows++
	if why := v.misplaced(s); why != "" {
		v.fault(s.seq, "row %d was put in: %s", s.seq, why)
		return
	}
	if s.seq > v.last+1 {
		v.missing(v.last+1, s.seq-1)
	}
	wrong := v.judgeLink(s)
	if wrong == "" {
		wrong = v.judgeBody(s)
	}
	v.judgeSecrets(s, wrong == "")
	if wrong == "" {
		v.pair(&v.row)
	} else {
		v.fault(s.seq, "row %d %s", s.seq, wrong)
	}
	v.last, v.suspect = s.seq, wrong != ""
	v.hash = append(v.hash[:0], s.hash...)
	v.grow(s)
	v.confront(s)
}

// misplaced says why a row cannot be one of the log at all, so that the next one is not judged by it. A row
// that goes on behind the recorded end is judged like any other: the end may have been changed instead.
func (v *verifier) misplaced(s *stored) string {
	switch goesOn := s.seq == v.last+1 && bytes.Equal(s.prev, v.hash); {
	case s.seq <= 0 || s.seq <= v.last:
		return "rows are numbered from 1 and each number is there once"
	case v.begun && s.seq > v.size && !goesOn:
		return fmt.Sprintf("the recorded end of the log is row %d", v.size)
	}
	return ""
}

func (v *verifier) missing(first, last int64) {
	v.gaps = append(v.gaps, [2]int64{first, last})
	if first == last {
		v.fault(first, "row %d is missing", first)
	} else {
		v.fault(first, "rows %d to %d are missing", first, last)
	}
	v.hash, v.suspect = v.hash[:0], true
}

// judgeLink checks the row's hash and its link to the row before. A row that agrees with itself but links to
// another hash than the row before has vouches for what that row was: then that one was rewritten.
func (v *verifier) judgeLink(s *stored) string {
	var own [32]byte
	own, v.buf = rowHash(v.buf, s.seq, s.prev, s.body)
	agrees, known := bytes.Equal(own[:], s.hash), len(v.hash) > 0
	linked := !known || bytes.Equal(s.prev, v.hash)
	switch {
	case agrees && linked:
		return ""
	case agrees && s.seq == 1:
		return "does not begin this log: it links to another log's id"
	case agrees:
		if !v.suspect {
			v.fault(v.last, "row %d was rewritten together with its hash: row %d links to another hash", v.last, s.seq)
		}
		return ""
	case known && !linked:
		own, v.buf = rowHash(v.buf, s.seq, v.hash, s.body)
		if bytes.Equal(own[:], s.hash) {
			return "was changed: its prev_hash is not the hash of the row before"
		}
	}
	return "was put in or changed: its content does not match its hash"
}

// judgeBody reads the row's body and compares the columns that lists search with what it says.
func (v *verifier) judgeBody(s *stored) string {
	var err error
	if v.row, err = parseBody(s.body); err != nil {
		return "was put in or changed: " + err.Error()
	}
	r := &v.row
	switch {
	case r.Seq != s.seq:
		return fmt.Sprintf("was changed: its body is that of row %d", r.Seq)
	case r.Time.UnixMicro() != s.micros:
		return "was changed: its column time is not what its body says"
	case r.Of != s.of.Int64 || s.of.Valid != (r.Of != 0):
		return "was changed: its column of is not what its body says"
	}
	if v.buf = appendCopies(v.buf[:0], r); !bytes.Equal(v.buf, s.copies) {
		return "was changed: " + otherCopy(s.copies, r) + " is not what its body says"
	}
	return ""
}

// appendCopies writes the copies that a row should have the way SQLite's json_array does, which is our own way.
func appendCopies(b []byte, r *Row) []byte {
	for i, c := range searchCopies {
		b = append(b, "[,"[min(i, 1)])
		if text := c.of(r); text != "" {
			b = appendString(b, text)
		} else {
			b = append(b, "null"...)
		}
	}
	return append(b, ']')
}

// otherCopy names the first column that differs from the row.
func otherCopy(copies []byte, r *Row) string {
	var texts [len(searchCopies)]*string
	if err := json.Unmarshal(copies, &texts); err != nil {
		return "a column"
	}
	for i, c := range searchCopies {
		want, text := c.of(r), texts[i]
		if (text == nil) != (want == "") || text != nil && *text != want {
			return "its column " + c.column
		}
	}
	return "a column"
}

// pair keeps which intents have their outcome.
func (v *verifier) pair(r *Row) {
	switch {
	case r.Action == AuditRedact:
		v.redacted(r)
		return
	case r.Phase == Intent:
		v.open[r.Seq] = true
		return
	case r.Of == 0 && r.Phase != PhaseOutcome:
		return // it stands alone
	case r.Of != 0 && (r.Of < v.from || v.excused(r.Of)):
		return // what it points at was not read, or has its fault already
	}
	open, settled := v.open[r.Of], v.settled.has(r.Of)
	switch {
	case !open && !settled:
		v.fault(r.Seq, "row %d has no intent: row %d, which it points at, is none", r.Seq, r.Of)
	case r.Phase == PhaseOutcome && !open:
		v.fault(r.Seq, "row %d is a second outcome of the intent in row %d", r.Seq, r.Of)
	case r.Phase == PhaseOutcome:
		delete(v.open, r.Of)
		v.settled.add(r.Of)
	}
}

// excused tells whether a row is faulty or missing already, so that nothing is said of those pointing at it.
func (v *verifier) excused(seq int64) bool {
	return v.bad[seq] || v.crowded || slices.ContainsFunc(v.gaps, func(g [2]int64) bool { return g[0] <= seq && seq <= g[1] })
}

// judgeEnd compares the newest row with the recorded end, which shows a cut tail and a row put in behind it.
func (v *verifier) judgeEnd() {
	switch {
	case !v.begun && v.report.Rows > 0:
		v.fault(v.last, "row %d ends a log without an id: the row of table audit_log is missing", v.last)
	case !v.begun:
	case v.size > v.last:
		v.missing(v.last+1, v.size)
	case v.size < v.last:
		v.fault(v.size+1, "row %d was put in, or the recorded end of the log, row %d, was changed", v.size+1, v.size)
	case !v.suspect && !bytes.Equal(v.head, v.hash):
		v.fault(v.last, "row %d was rewritten together with its hash: it is not the recorded end of the log", v.last)
	}
}
