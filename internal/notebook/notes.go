package notebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// MaxNote bounds the text of a note, in characters.
const MaxNote = 2000

// Note is something that somebody wrote down about a device.
type Note struct {
	ID                     int64
	DeviceID, Author, Text string
	At                     time.Time
	EditedBy               string // empty while it is as it was written
	EditedAt               time.Time
}

// MayEdit tells that the note is the editor's own, or that the editor may change everybody's.
func (n Note) MayEdit(who Editor) bool { return n.Author == who.Name || who.Chief }

// AddNote writes a note about a device.
func (b *Book) AddNote(ctx context.Context, by, deviceID, text string, record func(*sql.Tx, Note) error) (Note, error) {
	text, err := NoteText(text)
	if err != nil {
		return Note{}, err
	}
	var made []Note
	err = b.db.Write(ctx, func(tx *sql.Tx) error {
		if made, err = insertNotes(ctx, tx, Note{Author: by, Text: text, At: b.now().UTC().Truncate(time.Microsecond)}, []string{deviceID}); err != nil {
			return err
		}
		return record(tx, made[0])
	})
	if err != nil {
		return Note{}, fmt.Errorf("keep a note: %w", err)
	}
	return made[0], nil
}

// MostNoted is how many devices get a note at once.
const MostNoted = 10_000

// insertNotes writes the same note about devices.
func insertNotes(ctx context.Context, tx *sql.Tx, n Note, ids []string) (made []Note, err error) {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO note (device_id, author, text, folded, at) VALUES (?, ?, ?, ?, ?) RETURNING id`)
	if err != nil {
		return nil, err
	}
	defer insert.Close() //nolint:errcheck // its transaction ends it anyhow
	for _, n.DeviceID = range ids {
		if err := insert.QueryRowContext(ctx, n.DeviceID, n.Author, n.Text, fold(n.Text), n.At.UnixMicro()).Scan(&n.ID); err != nil {
			return nil, err
		}
		made = append(made, n)
	}
	return made, nil
}

// EditNote gives a note another text; record gets it as it was and as it is. A text that stays the same is no change.
func (b *Book) EditNote(ctx context.Context, who Editor, id int64, text string, record func(tx *sql.Tx, was, is Note) error) error {
	text, err := NoteText(text)
	if err != nil {
		return err
	}
	return b.changeNote(ctx, who, id, func(tx *sql.Tx, was Note) error {
		if was.Text == text {
			return nil
		}
		is := was
		is.Text, is.EditedBy, is.EditedAt = text, who.Name, b.now().UTC().Truncate(time.Microsecond)
		if _, err := tx.ExecContext(ctx, `UPDATE note SET text = ?, folded = ?, edited_by = ?, edited_at = ? WHERE id = ?`,
			is.Text, fold(is.Text), is.EditedBy, is.EditedAt.UnixMicro(), id); err != nil {
			return err
		}
		return record(tx, was, is)
	})
}

// RemoveNote takes a note away; record gets it as it was.
func (b *Book) RemoveNote(ctx context.Context, who Editor, id int64, record func(*sql.Tx, Note) error) error {
	return b.changeNote(ctx, who, id, func(tx *sql.Tx, was Note) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM note WHERE id = ?`, id); err != nil {
			return err
		}
		return record(tx, was)
	})
}

// changeNote finds a note that the editor may change.
func (b *Book) changeNote(ctx context.Context, who Editor, id int64, change func(*sql.Tx, Note) error) error {
	err := b.db.Write(ctx, func(tx *sql.Tx) error {
		n, err := noteOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if !n.MayEdit(who) {
			return fault.New(fault.Forbidden, "This note is "+n.Author+"'s. Only its author and admins may change it.")
		}
		return change(tx, n)
	})
	if err != nil {
		return fmt.Errorf("change note %d: %w", id, err)
	}
	return nil
}

// Note returns one note.
func (b *Book) Note(ctx context.Context, id int64) (Note, error) {
	return noteOf(ctx, b.db.Read(), id)
}

func noteOf(ctx context.Context, q store.Querier, id int64) (Note, error) {
	list, err := selectNotes(ctx, q, `WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = fault.Wrap(fault.NotFound, errors.New("no such note"), "There is no such note any more.")
	}
	if err != nil {
		return Note{}, err
	}
	return list[0], nil
}

// Notes returns the notes about a device, newest first.
func (b *Book) Notes(ctx context.Context, deviceID string) ([]Note, error) {
	return selectNotes(ctx, b.db.Read(), `WHERE device_id = ? ORDER BY id DESC`, deviceID)
}

// NotesWith returns the newest notes that have a text in them, in upper or lower case.
func (b *Book) NotesWith(ctx context.Context, text string, limit int) ([]Note, error) {
	return selectNotes(ctx, b.db.Read(), `WHERE instr(folded, ?) > 0 ORDER BY id DESC LIMIT ?`, fold(text), limit)
}

func selectNotes(ctx context.Context, q store.Querier, which string, args ...any) ([]Note, error) {
	rows, err := q.QueryContext(ctx, `SELECT id, device_id, author, text, at, coalesce(edited_by, ''), coalesce(edited_at, 0) FROM note `+which, args...)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	defer rows.Close()
	var list []Note
	for rows.Next() {
		var n Note
		var at, edited int64
		if err := rows.Scan(&n.ID, &n.DeviceID, &n.Author, &n.Text, &at, &n.EditedBy, &edited); err != nil {
			return nil, fmt.Errorf("read note: %w", err)
		}
		if n.At = moment(at); edited != 0 {
			n.EditedAt = moment(edited)
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

// NoteText makes a text fit for a note. Its lines stay.
func NoteText(text string) (string, error) {
	text = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", fault.New(fault.Invalid, "Write the note.")
	case n > MaxNote:
		return "", fault.New(fault.Invalid, fmt.Sprintf("Shorten the note to %d characters; it has %d.", MaxNote, n))
	case strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && unseen(r) }):
		return "", fault.New(fault.Invalid, "There is a character in the note that cannot be seen. Type it anew.")
	}
	return text, nil
}
