package audit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/syslog"
	"os"
	"strings"
)

// Anchor keeps signed checkpoints outside the database, where who changes the log cannot change them too.
type Anchor interface {
	Keep(c Checkpoint) error
}

// FileAnchor appends checkpoints to a file. Put it on another disk, or on one that takes appends only.
type FileAnchor string

// Keep appends the note; it is on the disk when Keep returns.
func (f FileAnchor) Keep(c Checkpoint) error {
	return appendSynced(string(f), append([]byte("\n"), c.Note...), 0o644)
}

// Notes reads all notes of the file, oldest first. A file that does not exist holds none.
func (f FileAnchor) Notes() ([][]byte, error) {
	content, err := os.ReadFile(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("anchors: %w", err)
	}
	return splitNotes(content), nil
}

// tailBytes is more than two notes have.
const tailBytes = 4 << 10

// Newest reads the last notes of the file, oldest first.
func (f FileAnchor) Newest() ([][]byte, error) {
	file, err := os.Open(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("anchors: %w", err)
	}
	end, err1 := file.Seek(0, io.SeekEnd)
	_, err2 := file.Seek(max(0, end-tailBytes), io.SeekStart)
	content, err3 := io.ReadAll(file)
	if err := errors.Join(err1, err2, err3, file.Close()); err != nil {
		return nil, fmt.Errorf("anchors: %w", err)
	}
	return splitNotes(content), nil
}

// SyslogAnchor sends checkpoints to the system's log, as one line each.
type SyslogAnchor struct{ w *syslog.Writer }

// NewSyslogAnchor connects to the local system log, or to a server at network://address.
func NewSyslogAnchor(where string) (SyslogAnchor, error) {
	network, address := "", ""
	if where != "local" {
		network, address, _ = strings.Cut(where, "://")
	}
	w, err := syslog.Dial(network, address, syslog.LOG_NOTICE|syslog.LOG_AUTH, "cmpconsole")
	if err != nil {
		return SyslogAnchor{}, fmt.Errorf("syslog for the audit log's checkpoints: %w", err)
	}
	return SyslogAnchor{w}, nil
}

// Keep sends the note with its line ends written as \n.
func (s SyslogAnchor) Keep(c Checkpoint) error {
	return s.w.Notice("audit checkpoint " + strings.ReplaceAll(string(c.Note), "\n", `\n`))
}
