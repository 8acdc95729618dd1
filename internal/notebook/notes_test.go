package notebook

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"cmpconsole/internal/fault"
)

func note(t *testing.T, b *Book, by, device, text string) Note {
	t.Helper()
	n, err := b.AddNote(t.Context(), by, device, text, func(*sql.Tx, Note) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNotes(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	first := note(t, b, "support", "d1", "  Sits in the lift shaft\r\nsecond floor ")
	second := note(t, b, "manager", "d1", "Ask for Ülkü")
	note(t, b, "manager", "d2", "another")
	list, err := b.Notes(t.Context(), "d1")
	wantSame(t, "newest first", list, []Note{second, {ID: first.ID, DeviceID: "d1", Author: "support", Text: "Sits in the lift shaft\nsecond floor", At: start}})
	found, err2 := b.NotesWith(t.Context(), "ÜLKÜ", 10)
	wantSame(t, "with a text", found, []Note{second})
	if err := errors.Join(err, err2); err != nil {
		t.Error(err)
	}
}

func TestWhoChangesANote(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		who Editor
		may bool
	}{
		"its author":    {Editor{Name: "support"}, true},
		"somebody else": {Editor{Name: "manager"}, false},
		"an admin":      {Editor{Name: "root", Chief: true}, true},
	} {
		b := newBook(t)
		n := note(t, b, "support", "d1", "first")
		var was, is, gone Note
		err := b.EditNote(t.Context(), tt.who, n.ID, "second", func(_ *sql.Tx, a, z Note) error { was, is = a, z; return nil })
		err2 := b.RemoveNote(t.Context(), tt.who, n.ID, func(_ *sql.Tx, a Note) error { gone = a; return nil })
		if !tt.may {
			wantFault(t, err, fault.Forbidden, "support's")
			wantFault(t, err2, fault.Forbidden, "support's")
			continue
		}
		if err := errors.Join(err, err2); err != nil || was != n || is.Text != "second" || is.EditedBy != tt.who.Name || is.EditedAt != start || gone != is {
			t.Errorf("%s: was %+v, is %+v, gone %+v, %v", name, was, is, gone, err)
		}
		_, err = b.Note(t.Context(), n.ID)
		wantFault(t, err, fault.NotFound, "no such note")
	}
}

func TestANoteThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	n := note(t, b, "support", "d1", "first")
	fails := func(*sql.Tx, Note) error { return errUnrecorded }
	_, err := b.AddNote(t.Context(), "support", "d1", "second", fails)
	err2 := b.EditNote(t.Context(), Editor{Name: "support"}, n.ID, "changed", func(tx *sql.Tx, _, is Note) error { return fails(tx, is) })
	err3 := b.RemoveNote(t.Context(), Editor{Name: "support"}, n.ID, fails)
	for _, err := range []error{err, err2, err3} {
		if !errors.Is(err, errUnrecorded) {
			t.Error(err)
		}
	}
	list, err := b.Notes(t.Context(), "d1")
	if wantSame(t, "what stays", list, []Note{n}); err != nil {
		t.Error(err)
	}
}

func TestNoteTexts(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{" \n": "Write", strings.Repeat("字", MaxNote+1): "2000 characters; it has 2001", "a\u2066b": "cannot be seen", "a\x1bb": "cannot be seen"} {
		_, err := NoteText(text)
		wantFault(t, err, fault.Invalid, says)
	}
	if got, err := NoteText(strings.Repeat("字", MaxNote)); err != nil || len(got) != 3*MaxNote {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
