package audit

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// exportProofs follows which rows of an export signed checkpoints vouch for: by the row's own proof, because it is the
// row that a checkpoint ends with, or because a row behind it that is vouched for links to it.
type exportProofs struct {
	keyless bool                   // no public keys are at hand, so no checkpoint is believed
	signed  map[int64][]Checkpoint // those at hand, by size
	log     string                 // the log that the export is of, as soon as that is known
	tree    int64                  // size of the largest tree that proved a row: no older checkpoint was the newest
	newest  time.Time              // of the rows: the export was not made before
	run     rowRun                 // rows up to the last one that link to each other and are not proven so far
	bare    []rowRun               // rows that stay without proof
	proven  int
}

// rowRun is rows without a gap; the zero value has none.
type rowRun struct{ first, last int64 }

func (s rowRun) rows() int {
	if s.first == 0 {
		return 0
	}
	return int(s.last - s.first + 1)
}

func newExportProofs(e Evidence) *exportProofs {
	p := &exportProofs{keyless: e.keys == nil, signed: map[int64][]Checkpoint{}}
	if p.keyless {
		return p
	}
	logs := map[string]bool{}
	for _, n := range e.notes {
		if c, err := openCheckpoint(n, e.keys); err == nil {
			p.signed[c.Size] = append(p.signed[c.Size], c)
			p.log, logs[c.Log] = c.Log, true
		}
	}
	if len(logs) > 1 {
		p.log = ""
	}
	return p
}

// of returns the checkpoints of a size that may be about this log.
func (p *exportProofs) of(size int64) (list []Checkpoint) {
	for _, c := range p.signed[size] {
		if p.log == "" || p.log == c.Log {
			list = append(list, c)
		}
	}
	return list
}

// add judges the next row, which agrees with its hash; follows tells that it links to a sound row before it. What it
// returns says what is wrong with the row's proof, and is empty when nothing is.
func (p *exportProofs) add(l exportedLine, r Row, follows bool) string {
	if r.Time.After(p.newest) {
		p.newest = r.Time
	}
	if !follows {
		p.settle()
	}
	proven, wrong := p.vouched(l, r)
	switch {
	case wrong != "":
		p.settle()
	case proven:
		p.proven += p.run.rows() + 1
		p.run = rowRun{}
	case p.run.first == 0:
		p.run = rowRun{l.Seq, l.Seq}
	default:
		p.run.last = l.Seq
	}
	return wrong
}

// settle gives up hope that a row behind those so far proves them.
func (p *exportProofs) settle() {
	if p.run.first > 0 {
		p.bare = append(p.bare, p.run)
	}
	p.run = rowRun{}
}

// vouched tells whether a checkpoint knows the very row.
func (p *exportProofs) vouched(l exportedLine, r Row) (bool, string) {
	if len(p.signed) == 0 {
		return false, ""
	}
	if l.Seq == 1 && p.log != "" && !bytes.Equal(r.PrevHash, genesis(p.log)) {
		return false, "begins another log than the signed checkpoints are about"
	}
	if l.TreeSize != 0 {
		return p.inTree(l, r)
	}
	ends := p.of(l.Seq)
	for _, c := range ends {
		if bytes.Equal(c.Head, r.Hash) {
			p.log = c.Log
			return true, ""
		}
	}
	if p.log != "" && len(ends) > 0 {
		return false, "is not the one that a signed checkpoint ends with"
	}
	return false, ""
}

// inTree tells whether the row's proof leads to the root of a signed checkpoint.
func (p *exportProofs) inTree(l exportedLine, r Row) (bool, string) {
	signed := p.of(l.TreeSize)
	if len(signed) == 0 {
		return false, fmt.Sprintf("is proven by a tree of %d rows, of which no signed checkpoint at hand knows", l.TreeSize)
	}
	for _, c := range signed {
		if tlog.CheckRecord(proofOf(l.Proof), l.TreeSize, c.Root, l.Seq-1, tlog.RecordHash(r.Hash)) == nil {
			p.log, p.tree = c.Log, max(p.tree, c.Size)
			return true, ""
		}
	}
	return false, fmt.Sprintf("is not in the log that the checkpoint at row %d signed", l.TreeSize)
}

// signing is longer than it takes from drawing a checkpoint to having it stored.
const signing = 2 * time.Minute

// end judges the rows without proof. Those that a checkpoint covers which the export must have known were robbed of
// their proofs; newer ones never had any, of which people are told.
func (p *exportProofs) end() (faults []Fault, doubts []string) {
	p.settle()
	known, newest := p.reach()
	var late, unknown bareRows
	for _, s := range p.bare {
		if s.first <= known {
			faults = append(faults, Fault{s.first, rowsAre(s.first, min(s.last, known)) + p.robbed(known)})
		}
		late.add(rowRun{max(s.first, known+1), min(s.last, newest)})
		unknown.add(rowRun{max(s.first, known+1, newest+1), s.last})
	}
	why := "newer than any signed checkpoint at hand"
	switch {
	case p.keyless:
		why = "no public keys are at hand"
	case len(p.signed) == 0:
		why = "no signed checkpoint is at hand"
	}
	doubts = unknown.doubt(doubts, why)
	return faults, late.doubt(doubts, "newer than the checkpoint by which this export was made; a new export proves them")
}

// reach returns the size of the newest checkpoint that the export must have known, and of the newest at hand. An export
// without a single proof must have known every one: it could not be told from one that was robbed of all.
func (p *exportProofs) reach() (known, newest int64) {
	known = p.tree
	for size := range p.signed {
		for _, c := range p.of(size) {
			newest = max(newest, c.Size)
			if c.At.Add(signing).Before(p.newest) {
				known = max(known, c.Size)
			}
		}
	}
	if p.proven == 0 {
		known = newest
	}
	return known, newest
}

func (p *exportProofs) robbed(known int64) string {
	text := fmt.Sprintf(" without a proof, though the signed checkpoint at row %d covers that", known)
	if p.proven == 0 {
		text += ": proofs were taken away, or this was exported before it was signed; then export it again"
	}
	return text
}

// bareRows counts rows that nothing vouches for.
type bareRows struct {
	all  rowRun // from the first to the last of them
	rows int
}

func (b *bareRows) add(s rowRun) {
	if s.first > s.last {
		return
	}
	if b.rows == 0 {
		b.all.first = s.first
	}
	b.all.last = max(b.all.last, s.last)
	b.rows += s.rows()
}

func (b *bareRows) doubt(doubts []string, why string) []string {
	switch {
	case b.rows == 0:
		return doubts
	case b.rows == b.all.rows():
		return append(doubts, fmt.Sprintf("%s NOT proven: %s", rowsAre(b.all.first, b.all.last), why))
	}
	return append(doubts, fmt.Sprintf("%d rows among %d to %d are NOT proven: %s", b.rows, b.all.first, b.all.last, why))
}

// proofOf reads the hashes of a proof; one that is none stays zero and proves nothing.
func proofOf(texts []string) tlog.RecordProof {
	if texts == nil {
		return nil
	}
	proof := make(tlog.RecordProof, len(texts))
	for i, text := range texts {
		if b, err := hex.DecodeString(text); err == nil && len(b) == tlog.HashSize {
			proof[i] = tlog.Hash(b)
		}
	}
	return proof
}
