package views

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/annotate"
	"cmpconsole/internal/audit"
	"cmpconsole/internal/notebook"
	"cmpconsole/web/templates"
)

func annotationHref(id string) string { return "/devices/annotations/" + id }

// showAnnotation shows how far labels and a note are that are put on all devices of a selection.
func (s *Server) showAnnotation(c *gin.Context) (response, error) {
	busy := s.Annotations.Busy(c.Param("annotation")) // before it is read: what ends meanwhile is told as under way, and not as left alone
	a, err := s.Book.Annotation(c.Request.Context(), c.Param("annotation"))
	if err != nil {
		return nil, err
	}
	noteOf(c, "", "", "selection", a.Selection)
	sel, err := s.Selections.Get(c.Request.Context(), a.Selection)
	if err != nil {
		return nil, err
	}
	view := s.annotationView(c, a, busy)
	view.Selection, view.ListHref = sel.Title, withQuery("/devices", "in", a.Selection)
	view.Watch = watch(c, annotationHref(a.ID), "annotation-state annotation-do", annotate.Topic(a.ID))
	crumbs := []templates.Crumb{{Label: "Devices", Href: "/devices"}, {Label: sel.Title, Href: view.ListHref}, {Label: "Label or note"}}
	return page(http.StatusOK, s.frame(c, "Label or note", crumbs...), templates.AnnotationPage(view)), nil
}

func (s *Server) annotationView(c *gin.Context, a notebook.Annotation, busy bool) templates.Annotation {
	href := annotationHref(a.ID)
	v := templates.Annotation{CSRF: operator(c).CSRF, Facts: s.annotationFacts(c, a)}
	others := plural(a.Left(), "device")
	switch {
	case busy:
		v.Notice, v.Meter = underWay("Writing", a.Devices, a.Done)
		v.Notice.Href, v.Notice.Link, v.StopAction = href, "Look again", href+"/stop"
	case a.Left() == 0:
		v.Notice = templates.Notice{Tone: "good", Title: "Done: " + plural(a.Devices, "device") + ".", Text: "Each that changed has its row in the audit log."}
	default:
		why := a.Why
		if a.Ended.IsZero() {
			why = "The console was stopped meanwhile, or another one goes on with it."
		}
		v.Notice = templates.Notice{Tone: "warn", Title: number(a.Done) + " of " + plural(a.Devices, "device") + " had their turn.", Text: why + " " + others + " had none: " + leftWords(a),
			Href: withQuery(selectionHref(a.Selection), "state", string(notebook.Found), "page", strconv.Itoa(a.Done/listSize+1)), Link: "See them"}
		v.ResumeAction, v.Others = href+"/resume", others
	}
	return v
}

// leftWords name the devices that had no turn.
func leftWords(a notebook.Annotation) string {
	if a.Place == 0 {
		return "all of the selection."
	}
	return "those behind line " + number(a.Place) + " of the selection."
}

// annotationFacts are what was asked for, by whom.
func (s *Server) annotationFacts(c *gin.Context, a notebook.Annotation) []templates.Fact {
	at := s.clock(c).at(a.Asked)
	return known(
		templates.Fact{Name: "Labels put on", Value: strings.Join(a.Add, ", ")}, templates.Fact{Name: "Labels taken off", Value: strings.Join(a.Remove, ", ")},
		templates.Fact{Name: "Note", Value: a.Note}, templates.Fact{Name: "By", Value: a.Author}, templates.Fact{Name: "Asked for", At: &at},
	)
}

// stopAnnotation lets no further device have its turn.
func (s *Server) stopAnnotation(c *gin.Context) (response, error) {
	if err := s.Annotations.BreakOff(c.Request.Context(), c.Param("annotation"), operator(c).Entry(audit.SelectionAnnotate, audit.Event)); err != nil {
		return nil, err
	}
	return seeOther(annotationHref(c.Param("annotation"))), nil
}

// resumeAnnotation gives the devices their turn that had none.
func (s *Server) resumeAnnotation(c *gin.Context) (response, error) {
	a, err := s.Annotations.Resume(c.Request.Context(), c.Param("annotation"), operator(c).Entry(audit.SelectionAnnotate, audit.Event))
	if err != nil {
		return nil, err
	}
	return seeOther(annotationHref(a.ID)), nil
}
