package views

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/notebook"
	"cmpconsole/web/templates"
)

// annotation is what somebody wants to put on all devices of a selection, or to take off.
type annotation struct {
	sel         notebook.Selection
	ids         []string
	add, remove []string
	note        string
}

// showAnnotate is the form for labels and a note of a whole selection.
func (s *Server) showAnnotate(c *gin.Context) (response, error) {
	a, err := s.annotation(c)
	if err != nil {
		return nil, err
	}
	return s.annotatePage(c, http.StatusOK, s.annotateView(c, a)), nil
}

// annotate says what would change, and with confirm has it changed. Each device has its rows in the log.
func (s *Server) annotate(c *gin.Context) (response, error) {
	a, err := s.annotation(c)
	if err != nil {
		return nil, err
	}
	changes, err := s.foresee(c.Request.Context(), a)
	if err == nil && c.PostForm("confirm") != "" {
		var begun notebook.Annotation
		if begun, err = s.carryOut(c, a); err == nil {
			return seeOther(annotationHref(begun.ID)), nil
		}
	}
	view, status := s.annotateView(c, a), http.StatusOK
	if view.Changes = changes; err != nil {
		f := classify(err)
		if f.Kind != fault.Invalid {
			return nil, err
		}
		c.Set(keyCause, err)
		view.Error, view.Changes, status = f.Message, nil, problems[f.Kind].status
	}
	return s.annotatePage(c, status, view), nil
}

// annotation reads what is asked, and of which devices.
func (s *Server) annotation(c *gin.Context) (a annotation, err error) {
	if a.sel, err = s.Selections.Get(c.Request.Context(), c.Query("in")); err != nil {
		return a, err
	}
	noteOf(c, "", "", "selection", a.sel.ID)
	a.add, a.remove, a.note = labelsIn(c.PostForm("label")), labelsIn(c.PostForm("remove")), c.PostForm("note")
	a.ids, err = s.Selections.Members(c.Request.Context(), a.sel.ID)
	return a, err
}

// foresee says in words what would change.
func (s *Server) foresee(ctx context.Context, a annotation) (changes []string, err error) {
	if len(a.add)+len(a.remove) == 0 && a.note == "" {
		return nil, fault.New(fault.Invalid, "Write a label to put on these devices or to take off, or a note about them.")
	}
	put, taken, err := s.Book.Foresee(ctx, a.ids, a.add, a.remove)
	if err != nil {
		return nil, err
	}
	for _, f := range put {
		changes = append(changes, fmt.Sprintf("The label “%s” is put on %s.%s", f.Name, plural(f.Devices, "device"), others(len(a.ids)-f.Devices, "has it already", "have it already")))
	}
	for _, f := range taken {
		changes = append(changes, fmt.Sprintf("The label “%s” is taken off %s.%s", f.Name, plural(f.Devices, "device"), others(len(a.ids)-f.Devices, "does not have it", "do not have it")))
	}
	if a.note == "" {
		return changes, nil
	}
	if len(a.ids) > notebook.MostNoted {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("A note can be written about %s devices at once, and these are %s. Choose fewer, or use a label.", number(notebook.MostNoted), number(len(a.ids))))
	}
	if _, err := notebook.NoteText(a.note); err != nil {
		return nil, err
	}
	return append(changes, "The note is written about "+plural(len(a.ids), "device")+"."), nil
}

// others says what is so of the devices that nothing changes for.
func others(n int, one, many string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return " 1 " + one + "."
	}
	return " " + number(n) + " " + many + "."
}

// carryOut waits for few devices; many have their turn behind the page.
func (s *Server) carryOut(c *gin.Context, a annotation) (notebook.Annotation, error) {
	who := operator(c)
	asked := notebook.Annotation{Selection: a.sel.ID, Author: who.Name, Add: a.add, Remove: a.remove, Note: a.note}
	return s.Annotations.Begin(context.WithoutCancel(c.Request.Context()), asked, who.Entry(audit.SelectionAnnotate, audit.Event))
}

func (s *Server) annotateView(c *gin.Context, a annotation) templates.Annotate {
	v := templates.Annotate{CSRF: operator(c).CSRF, Post: withQuery("/devices/annotate", "in", a.sel.ID), BackHref: withQuery("/devices", "in", a.sel.ID), Selection: a.sel.Title, Devices: plural(len(a.ids), "device"),
		Label: c.PostForm("label"), Remove: c.PostForm("remove"), Note: a.note}
	known, err := s.Book.LabelNames(c.Request.Context(), offeredLabels)
	if err != nil {
		s.Logger.Error("labels not read", "request_id", c.GetString(keyRequestID), "err", err) // they can be typed
	}
	v.Known = known
	undone, err := s.Book.UndoneAnnotations(c.Request.Context(), a.sel.ID)
	if err != nil {
		s.Logger.Error("annotations not read", "request_id", c.GetString(keyRequestID), "err", err) // their pages can be opened
	}
	for _, u := range undone {
		v.Undone = append(v.Undone, templates.Notice{Tone: "warn", Title: number(u.Done) + " of " + plural(u.Devices, "device") + " had their turn.", Text: "What " + u.Author + " asked for is not done.", Href: annotationHref(u.ID), Link: "See how far it is"})
	}
	return v
}

func (s *Server) annotatePage(c *gin.Context, status int, v templates.Annotate) response {
	return page(status, s.frame(c, "Label or note", templates.Crumb{Label: "Devices", Href: "/devices"}, templates.Crumb{Label: v.Selection, Href: v.BackHref}, templates.Crumb{Label: "Label or note"}), templates.AnnotatePage(v))
}
