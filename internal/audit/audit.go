// Package audit keeps the console's audit log: append-only rows, each chained to the one before by its hash.
//
// A row is durable when Append returns. Its body is canonical JSON (see encode.go) and is never encoded again:
// what is stored is what was hashed. Triggers stop changes made by mistake, the chain makes the others visible.
// What the chain alone cannot show is a log rewritten from some row to its very end, hashes and recorded end
// included; that takes a copy of a hash kept elsewhere.
package audit

import "time"

// Phase says which part of an action a row records.
type Phase string

// The phases. Every Intent gets one PhaseOutcome row whose Of is the intent's seq; all else is an Event.
const (
	Intent       Phase = "intent"
	PhaseOutcome Phase = "outcome"
	Event        Phase = "event"
)

// What became of an action. Other words may stand there too, such as a settlement's verdict.
const (
	OK       = "ok"
	Rejected = "rejected"
	Unknown  = "unknown"
	NotSent  = "not_sent"
	Denied   = "denied"
	Refused  = "refused"
	Failed   = "failed"
)

// Who stands in rows that no user signed for: the console itself, the CMP whose callback began it, and somebody at the shell of
// its server. Nobody else may bear these names.
const (
	Console = "console"
	CMP     = "cmp"
	Shell   = "shell"
)

// Field is one more thing to know about an action, under a name.
type Field struct{ Key, Value string }

// Entry is what a caller wants recorded. Text of any length and content is taken: it is made valid UTF-8
// and cut to the bounds of encode.go, never refused.
type Entry struct {
	Actor           string
	Roles           string
	Action          Action
	Phase           Phase
	Outcome         string
	Device          string
	Order           string
	Reason          string
	UpstreamCode    string
	UpstreamMessage string
	RequestID       string
	Of              int64
	IP              string
	Session         string
	LatencyMS       int64
	Detail          []Field
	// Secrets are values that must be erasable, such as the text of an SMS. The row holds commitments to them;
	// they themselves are kept beside it, whole and as they are, and are never read back into an Entry.
	Secrets []Field
}

// Lookup returns what is known under a name; false when nothing is.
func (e *Entry) Lookup(name string) (string, bool) {
	for _, f := range e.Detail {
		if f.Key == name {
			return f.Value, true
		}
	}
	return "", false
}

// Get returns what is known under a name, empty when nothing is.
func (e *Entry) Get(name string) string {
	value, _ := e.Lookup(name)
	return value
}

// Row is an entry as the log holds it.
type Row struct {
	Seq  int64
	Time time.Time
	Entry
	PrevHash, Hash []byte
	Commitments    []Field // to the values that are, or were, kept beside the row: name and HMAC in hexadecimal
	// Damaged tells that the stored body cannot be read, so that only the search copies are shown.
	Damaged bool
}
