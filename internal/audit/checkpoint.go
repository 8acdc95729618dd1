package audit

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is what the log was at a moment: so many rows, with this Merkle root and this newest hash. Signed
// and kept elsewhere, it shows later that these rows are there and unchanged.
type Checkpoint struct {
	Log  string // the log's id
	Size int64
	Root tlog.Hash
	Head []byte // hash of row Size
	At   time.Time
	Note []byte // the signed note that says so
}

// origin begins every checkpoint, in the form of C2SP's tlog-checkpoint.
const origin = "cmpconsole/audit/"

var errNoCheckpoint = errors.New("this is no checkpoint of an audit log")

// text is what is signed: origin, size and root, then two lines of our own.
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s%s\n%d\n%s\nhead %x\ntime %s\n", origin, c.Log, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), c.Head, c.At.UTC().Format(time.RFC3339))
}

func (c Checkpoint) sign(key note.Signer) (Checkpoint, error) {
	signed, err := note.Sign(&note.Note{Text: c.text()}, key)
	if err != nil {
		return c, fmt.Errorf("sign checkpoint: %w", err)
	}
	c.Note = signed
	return c, nil
}

// openCheckpoint reads a note and verifies its signature.
func openCheckpoint(signed []byte, keys note.Verifiers) (Checkpoint, error) {
	n, err := note.Open(signed, keys)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := parseCheckpoint(n.Text)
	c.Note = signed
	return c, err
}

func parseCheckpoint(text string) (c Checkpoint, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 6 {
		return c, errNoCheckpoint
	}
	var ok1, ok2, ok3 bool
	c.Log, ok1 = strings.CutPrefix(lines[0], origin)
	head, ok2 := strings.CutPrefix(lines[3], "head ")
	at, ok3 := strings.CutPrefix(lines[4], "time ")
	size, err1 := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := base64.StdEncoding.DecodeString(lines[2])
	hash, err3 := hex.DecodeString(head)
	when, err4 := time.Parse(time.RFC3339, at)
	if !ok1 || !ok2 || !ok3 || errors.Join(err1, err2, err3, err4) != nil || size < 1 || len(root) != tlog.HashSize || len(hash) != tlog.HashSize {
		return c, errNoCheckpoint
	}
	c.Size, c.Root, c.Head, c.At = size, tlog.Hash(root), hash, when
	return c, nil
}

// signedBytes is what a signature line holds in Base64: the key's hash and an Ed25519 signature.
const signedBytes = 4 + ed25519.SignatureSize

// torn tells whether a note never came to its end, because a crash or a full disk cut it short: it has no whole
// signature, right or wrong, with a line end. Passing over one is no weaker than what its absence would be.
func torn(n []byte) bool {
	lines := bytes.Split(n, []byte("\n"))
	if len(lines) < 2 || len(lines[len(lines)-1]) > 0 {
		return true
	}
	fields := bytes.Fields(lines[len(lines)-2])
	if len(fields) != 3 || !bytes.Equal(fields[0], bytes.TrimSpace(signatureMark)) {
		return true
	}
	signature, err := base64.StdEncoding.DecodeString(string(fields[2]))
	return err != nil || len(signature) < signedBytes
}

// signatureMark begins the line of a signature.
var signatureMark = []byte("— ")

// splitNotes cuts what an anchor holds into notes: each begins with its origin and ends with its signature, so
// that one that was cut short spoils itself only, also when others were written behind it.
func splitNotes(content []byte) (notes [][]byte) {
	inside := false
	for line := range bytes.Lines(content) {
		last := len(notes) - 1
		switch {
		case bytes.HasPrefix(line, []byte(origin)):
			notes, inside = append(notes, bytes.Clone(line)), true
		case inside && bytes.HasPrefix(line, signatureMark):
			notes[last], inside = append(notes[last], line...), false
		case inside:
			notes[last] = append(notes[last], line...)
		}
	}
	return notes
}
