package templates

import "cmpconsole/web/templates/ui"

// AuditDetail is one row of the log, whole: what happened in a sentence, then what that rests on.
type AuditDetail struct {
	Seq, Action, Phase   string
	NewerHref, OlderHref string
	Tone                 string // good, warn, bad or none
	Sentence             []Piece
	Outcome              ui.Badge
	Text                 string // how it ended, or what the row is
	Settled              string // how reads settled a doubt since
	Reason               string
	At                   ui.Moment
	Took                 string
	Code, Message        string // what the CMP said
	Change               *AuditChange
	Facts, Detail, Chain []Fact
	Values               []AuditValue
	Steps                []AuditStep
	Verified             ui.Badge // what is known of the whole log
	Forged               *Notice  // what shows that the row is not what was recorded
	Covered              Notice   // whether a signed checkpoint vouches for the row
	CheckpointHref       string
}

// Piece is a part of a sentence: words, or an identifier.
type Piece struct {
	Text, Href string
	ID         bool
}

// AuditChange puts what was before beside what came of it.
type AuditChange struct{ Before, Asked, After AuditState }

// AuditState is how a thing was: a badge, an identifier or words, and where that is known from.
type AuditState struct {
	Title  string
	Badge  ui.Badge
	ID     string
	Words  string
	Source string
	At     ui.Moment
}

// AuditValue is a value that is kept beside a row, or was until somebody erased it. The page never shows it.
type AuditValue struct {
	ID, Title, Text string
	Facts           []Fact
	Erased          *Erasure
	Freed           *Notice     // whether bytes of it are left; nil while it is not erased
	Form            *RedactForm // for those who may erase it
}

// RedactForm erases a value.
type RedactForm struct {
	Title               string
	Post, CSRF, Field   string
	Reason, ReasonError string
	Same                bool   // chosen
	Others              string // which other rows have the same value, in words; empty when none has
	Error               *Notice
}

// AuditStep is one row of an action. It has no Href when it is not the reader's to open.
type AuditStep struct {
	Seq, Href, What, Who string
	At                   ui.Moment
	Later                string // than the first row
	Outcome              ui.Badge
	Current              bool
}
