package audit

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ExportReport is what the verification of an export found.
type ExportReport struct {
	Rows        int
	First, Last int64    // rows; between them none is missing when Last-First+1 is Rows
	Proven      int      // rows that a signed checkpoint vouches for
	Doubts      []string // in words, which rows nothing at hand vouches for
	Faults      []Fault
}

// maxLine is more than a row of an export has, in bytes: every detail as long as it may be, each byte escaped, and the
// whole of it once more as it was hashed.
const maxLine = 4 << 20

// exportedLine is what a line of an export must hold to be judged.
type exportedLine struct {
	Seq      int64    `json:"seq"`
	PrevHash string   `json:"prev_hash"`
	Hash     string   `json:"hash"`
	Body     string   `json:"body"`
	TreeSize int64    `json:"tree_size"`
	Proof    []string `json:"proof"`
}

// VerifyExport verifies a JSON Lines export without the database: each row against its hash, neighbours against
// each other, and all of them against the signed checkpoints that the witness keeps. The error says that the witness
// could not be read, or that nothing in the file is a row of an export.
func VerifyExport(r io.Reader, w Witness) (ExportReport, error) {
	return verifyExport(r, w, &exportVerifier{})
}

// VerifyWholeExport verifies an export that was made without filters: a row that is missing is a fault then, and so is
// an end cut off before the row that records the export.
func VerifyWholeExport(r io.Reader, w Witness) (ExportReport, error) {
	return verifyExport(r, w, &exportVerifier{whole: true})
}

func verifyExport(r io.Reader, w Witness, v *exportVerifier) (ExportReport, error) {
	said, err := w.testimony(true)
	if err != nil {
		return ExportReport{}, err
	}
	v.proofs = newExportProofs(said)
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		v.judge(lines.Bytes())
	}
	if v.report.Rows > 0 && v.report.Last == 0 {
		return v.report, errors.Join(lines.Err(), errors.New("no line of it is a row of the log"))
	}
	v.end()
	return v.report, lines.Err()
}

type exportVerifier struct {
	report   ExportReport
	proofs   *exportProofs
	whole    bool
	recorded bool   // the row of an export of the whole log was seen
	last     int64  // the row judged last
	hash     []byte // its hash
	sound    bool   // it had no fault
	buf      []byte
}

func (v *exportVerifier) judge(line []byte) {
	v.report.Rows++
	var l exportedLine
	if err := json.Unmarshal(line, &l); err != nil || l.Seq < 1 {
		v.fault(0, "line %d is no row of an export", v.report.Rows)
		return
	}
	v.span(l.Seq)
	prev, err1 := hex.DecodeString(l.PrevHash)
	hash, err2 := hex.DecodeString(l.Hash)
	if err1 != nil || err2 != nil {
		v.fault(l.Seq, "row %d has no hashes", l.Seq)
		return
	}
	follows := l.Seq == v.last+1 && bytes.Equal(prev, v.hash)
	row, wrong := v.wrong(line, l, prev, hash)
	if wrong == "" {
		wrong = v.proofs.add(l, row, follows && v.sound)
	}
	if v.sound = wrong == ""; !v.sound {
		v.fault(l.Seq, "row %d %s", l.Seq, wrong)
	}
	v.recorded = v.recorded || row.Action == AuditExport && row.Get(WholeLog) != ""
	v.last, v.hash = l.Seq, hash
}

// wrong compares a row with its hash, with its own fields and with the row before it.
func (v *exportVerifier) wrong(line []byte, l exportedLine, prev, hash []byte) (Row, string) {
	own, buf := rowHash(v.buf, l.Seq, prev, []byte(l.Body))
	v.buf = buf
	row, err := parseBody([]byte(l.Body))
	row.PrevHash, row.Hash = prev, hash
	e := Exported{Row: row, Body: []byte(l.Body), Size: l.TreeSize, Proof: proofOf(l.Proof)}
	switch {
	case err != nil || row.Seq != l.Seq:
		return row, "was changed: its body is not one of this row"
	case !bytes.Equal(own[:], hash):
		return row, "was changed: its content does not match its hash"
	case !bytes.Equal(line, e.line()):
		return row, "was changed: its fields are not what its body says"
	case l.Seq <= v.last:
		return row, "is not in its place"
	case l.Seq == v.last+1 && v.last > 0 && !bytes.Equal(prev, v.hash):
		return row, "does not follow the row before it"
	}
	return row, ""
}

// span notes which rows the export holds.
func (v *exportVerifier) span(seq int64) {
	if v.report.First == 0 {
		v.report.First = seq
	}
	if v.whole && seq > v.report.Last+1 {
		v.fault(v.report.Last+1, "%s missing", rowsAre(v.report.Last+1, seq-1))
	}
	v.report.Last = max(v.report.Last, seq)
}

func (v *exportVerifier) end() {
	if v.whole && !v.recorded {
		v.fault(v.report.Last+1, "the row that records this export is missing: its end was cut off, or it is no export of the whole log")
	}
	faults, doubts := v.proofs.end()
	for _, f := range faults {
		v.fault(f.Seq, "%s", f.What)
	}
	v.report.Proven, v.report.Doubts = v.proofs.proven, doubts
}

func (v *exportVerifier) fault(seq int64, format string, args ...any) {
	if len(v.report.Faults) < maxFaults {
		v.report.Faults = append(v.report.Faults, Fault{Seq: seq, What: fmt.Sprintf(format, args...)})
	}
}

// rowsAre words a stretch of rows as the subject of a sentence.
func rowsAre(first, last int64) string {
	if first == last {
		return fmt.Sprintf("row %d is", first)
	}
	return fmt.Sprintf("rows %d to %d are", first, last)
}
