package views

import (
	"context"
	"database/sql"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/annotate"
	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/notebook"
	"cmpconsole/web/templates"
)

// showNotes shows the notes about a device. The CMP is asked for the head of the page only, and may fail.
func (s *Server) showNotes(c *gin.Context) (response, error) {
	return s.notesPage(c, http.StatusOK, "")
}

func (s *Server) notesPage(c *gin.Context, status int, wrong string) (response, error) {
	id := c.Param("id")
	noteOf(c, id, "", "tab", "notes")
	if !cmp.ValidID(id) {
		return nil, errDeviceID
	}
	notes, err := s.notes(c, id)
	if err != nil {
		return nil, err
	}
	if notes.Form != nil {
		notes.Form.Text, notes.Form.Error = c.PostForm("note"), wrong
	}
	head := s.bareHead(c, id, "Notes")
	if device, err := s.CMP.Device(c.Request.Context(), id); err == nil {
		head = s.deviceHead(c, device, "Notes")
	}
	head.Watch = watch(c, notesHref(id), headParts+" device-notes", "device:"+id)
	return page(status, s.deviceFrame(c, id, "Notes about "+id), templates.DeviceNotesPage(head, notes)), nil
}

// notes are what is written down about a device, with the form for another for those who may.
func (s *Server) notes(c *gin.Context, id string) (templates.Notes, error) {
	list, err := s.Book.Notes(c.Request.Context(), id)
	if err != nil {
		return templates.Notes{}, err
	}
	k, who := s.clock(c), editor(c)
	v := templates.Notes{}
	for _, n := range list {
		row := templates.NoteRow{Author: n.Author, At: k.at(n.At), Text: n.Text}
		if n.EditedBy != "" {
			row.Edited, row.EditedAt = n.EditedBy, k.at(n.EditedAt)
		}
		if operator(c).Can(auth.NotesEdit) && n.MayEdit(who) {
			row.EditHref = noteHref(n)
		}
		v.List = append(v.List, row)
	}
	if operator(c).Can(auth.DevicesNote) {
		v.Form = &templates.NoteForm{Post: notesHref(id), CSRF: operator(c).CSRF, Label: "New note", Hint: "Up to 2,000 characters. Everybody sees it, and the audit log keeps what it says."}
	}
	return v, nil
}

func notesHref(id string) string { return deviceHref(id) + "/notes" }
func noteHref(n notebook.Note) string {
	return notesHref(n.DeviceID) + "/" + strconv.FormatInt(n.ID, 10)
}
func editor(c *gin.Context) notebook.Editor {
	who := operator(c)
	return notebook.Editor{Name: who.Name, Chief: who.Can(auth.NotesEditAll)}
}

// shownNotes is how many notes the overview of a device shows.
const shownNotes = 3

// newestNotes are those for the overview of a device, with the way to the others.
func (s *Server) newestNotes(c *gin.Context, id string) (templates.Notes, error) {
	v, err := s.notes(c, id)
	if n := len(v.List); n > shownNotes {
		v.List, v.More, v.AllHref = v.List[:shownNotes], "All "+number(n)+" notes", notesHref(id)
	}
	return v, err
}

// createNote writes a note about a device.
func (s *Server) createNote(c *gin.Context) (response, error) {
	id := c.Param("id")
	if err := s.known(c.Request.Context(), id); err != nil {
		return nil, err
	}
	_, err := s.Book.AddNote(c.Request.Context(), operator(c).Name, id, c.PostForm("note"), func(tx *sql.Tx, n notebook.Note) error {
		return s.recordNote(c, tx, audit.DeviceNote, n, audit.Parts("note", n.Text))
	})
	if f := classify(err); err != nil && f.Kind == fault.Invalid {
		c.Set(keyCause, err)
		return s.notesPage(c, http.StatusUnprocessableEntity, f.Message)
	}
	if err != nil {
		return nil, err
	}
	s.Live.Publish("device:" + id)
	return seeOther(notesHref(id)), nil
}

// showNote shows one note in a form that changes it.
func (s *Server) showNote(c *gin.Context) (response, error) {
	n, err := s.noteOfPage(c)
	if err != nil {
		return nil, err
	}
	noteOf(c, n.DeviceID, "", "tab", "notes", "number", c.Param("note"))
	if c.PostForm("note") != "" { // kept over a session that had ended
		n.Text = c.PostForm("note")
	}
	return s.notePage(c, http.StatusOK, n, ""), nil
}

// noteOfPage is the note that the address names, when it is about that device and the visitor may change it.
func (s *Server) noteOfPage(c *gin.Context) (notebook.Note, error) {
	number, err := strconv.ParseInt(c.Param("note"), 10, 64)
	if err != nil {
		return notebook.Note{}, errNoPage
	}
	n, err := s.Book.Note(c.Request.Context(), number)
	switch {
	case err != nil:
		return n, err
	case n.DeviceID != c.Param("id"):
		return n, errNoPage
	case !n.MayEdit(editor(c)):
		s.deny(c, route{action: audit.DeviceNoteEdit}, "note of somebody else")
		return n, fault.New(fault.Forbidden, "This note is "+n.Author+"'s. Only its author and admins may change it.")
	}
	return n, nil
}

func (s *Server) notePage(c *gin.Context, status int, n notebook.Note, wrong string) response {
	form := templates.NoteForm{Post: noteHref(n), CSRF: operator(c).CSRF, Label: "Note", Text: n.Text, Error: wrong, KeepHref: notesHref(n.DeviceID)}
	k := s.clock(c)
	frame := s.frame(c, "Change a note", templates.Crumb{Label: "Devices", Href: "/devices"}, templates.Crumb{Label: n.DeviceID, Href: deviceHref(n.DeviceID), ID: true}, templates.Crumb{Label: "Notes", Href: notesHref(n.DeviceID)}, templates.Crumb{Label: "Change"})
	return page(status, frame, templates.NotePage(templates.NoteRow{Author: n.Author, At: k.at(n.At)}, form))
}

// changeNote gives a note another text, or removes it.
func (s *Server) changeNote(c *gin.Context) (response, error) {
	n, err := s.noteOfPage(c)
	if err != nil {
		return nil, err
	}
	ctx, who := c.Request.Context(), editor(c)
	if c.PostForm("do") == "remove" {
		err = s.Book.RemoveNote(ctx, who, n.ID, func(tx *sql.Tx, was notebook.Note) error {
			return s.recordNote(c, tx, audit.DeviceNoteRemove, was, audit.Parts("note", was.Text))
		})
	} else {
		err = s.Book.EditNote(ctx, who, n.ID, c.PostForm("note"), func(tx *sql.Tx, was, is notebook.Note) error {
			return s.recordNote(c, tx, audit.DeviceNoteEdit, is, append(audit.Parts("note_before", was.Text), audit.Parts("note_now", is.Text)...))
		})
	}
	if f := classify(err); err != nil && f.Kind == fault.Invalid {
		c.Set(keyCause, err)
		n.Text = c.PostForm("note")
		return s.notePage(c, http.StatusUnprocessableEntity, n, f.Message), nil
	}
	if err != nil {
		return nil, err
	}
	s.Live.Publish("device:" + n.DeviceID)
	return seeOther(notesHref(n.DeviceID)), nil
}

// recordNote writes the row of a change of a note, in its transaction.
func (s *Server) recordNote(c *gin.Context, tx *sql.Tx, action audit.Action, n notebook.Note, texts []audit.Field) error {
	e := annotate.NoteRow(action, n, operator(c).Entry(action, audit.Event), texts)
	_, err := s.Audit.AppendTx(context.WithoutCancel(c.Request.Context()), tx, e)
	return err
}
