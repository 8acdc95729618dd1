package audit

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// ExportReport is what the verification of an export found.
type ExportReport struct {
	Rows   int
	Proven int // rows that stand in the tree of a signed checkpoint
	Faults []Fault
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
// each other, and the proofs against the signed checkpoints that the witness keeps. The error says that the export or
// the witness could not be read at all.
func VerifyExport(r io.Reader, w Witness) (ExportReport, error) {
	said, err := w.testimony(true)
	if err != nil {
		return ExportReport{}, err
	}
	v := exportVerifier{signed: map[int64][]Checkpoint{}}
	if said.keys != nil {
		for _, n := range said.notes {
			if c, err := openCheckpoint(n, said.keys); err == nil {
				v.signed[c.Size] = append(v.signed[c.Size], c)
			}
		}
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		v.judge(lines.Bytes())
	}
	return v.report, lines.Err()
}

type exportVerifier struct {
	report ExportReport
	signed map[int64][]Checkpoint // by size; the witness may know several logs
	first  []byte                 // what row 1 links to, nil when it was not read
	log    string                 // the log of the rows that are proven
	last   int64
	hash   []byte // of row last
	buf    []byte
}

func (v *exportVerifier) judge(line []byte) {
	v.report.Rows++
	var l exportedLine
	if err := json.Unmarshal(line, &l); err != nil {
		v.fault(0, "line %d is no row of an export: %v", v.report.Rows, err)
		return
	}
	prev, err1 := hex.DecodeString(l.PrevHash)
	hash, err2 := hex.DecodeString(l.Hash)
	if err1 != nil || err2 != nil {
		v.fault(l.Seq, "row %d has no hashes", l.Seq)
		return
	}
	own, buf := rowHash(v.buf, l.Seq, prev, []byte(l.Body))
	v.buf = buf
	row, err := parseBody([]byte(l.Body))
	switch {
	case err != nil || row.Seq != l.Seq:
		v.fault(l.Seq, "row %d was changed: its body is not one of this row", l.Seq)
	case !bytes.Equal(own[:], hash):
		v.fault(l.Seq, "row %d was changed: its content does not match its hash", l.Seq)
	case !bytes.Equal(line, Exported{Row: withHashes(row, prev, hash), Body: []byte(l.Body), Size: l.TreeSize, Proof: proofOf(l.Proof)}.line()):
		v.fault(l.Seq, "row %d was changed: its fields are not what its body says", l.Seq)
	case l.Seq <= v.last:
		v.fault(l.Seq, "row %d is not in its place", l.Seq)
	case l.Seq == v.last+1 && v.last > 0 && !bytes.Equal(prev, v.hash):
		v.fault(l.Seq, "row %d does not follow the row before it", l.Seq)
	default:
		v.prove(l, prev, hash)
	}
	v.last, v.hash = l.Seq, hash
}

// prove counts the row as proven when a signed checkpoint has its tree. All rows must be of one log, whose id row 1
// begins with.
func (v *exportVerifier) prove(l exportedLine, prev, hash []byte) {
	if l.Seq == 1 {
		v.first = prev
	}
	for _, c := range v.signed[l.TreeSize] {
		if v.log != "" && v.log != c.Log || v.first != nil && !bytes.Equal(v.first, genesis(c.Log)) {
			continue
		}
		if tlog.CheckRecord(proofOf(l.Proof), l.TreeSize, c.Root, l.Seq-1, tlog.RecordHash(hash)) == nil {
			v.log = c.Log
			v.report.Proven++
			return
		}
	}
	if len(v.signed[l.TreeSize]) > 0 {
		v.fault(l.Seq, "row %d is not in the log that the checkpoint at row %d signed", l.Seq, l.TreeSize)
	}
}

func (v *exportVerifier) fault(seq int64, format string, args ...any) {
	if len(v.report.Faults) < maxFaults {
		v.report.Faults = append(v.report.Faults, Fault{Seq: seq, What: fmt.Sprintf(format, args...)})
	}
}

func withHashes(r Row, prev, hash []byte) Row {
	r.PrevHash, r.Hash = prev, hash
	return r
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
