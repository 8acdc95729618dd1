package views

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/notebook"
	"cmpconsole/web/templates"
)

func viewHref(v notebook.View) string { return withQuery("/devices", "view", v.ID) }
func viewPage(id string) string       { return "/devices/views/" + url.PathEscape(id) }

// viewEditor is who changes a view.
func viewEditor(c *gin.Context) notebook.Editor {
	who := operator(c)
	return notebook.Editor{Name: who.Name, Chief: who.Can(auth.ViewsEditAll)}
}

// asView is the query as a view keeps it: with the columns that are shown, whoever chose them, and without the view that it came from.
func (q deviceQuery) asView(columns []deviceColumn) string {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.name
	}
	return strings.TrimPrefix(q.at("", "view", "", "columns", strings.Join(names, " ")), "?")
}

// openView leads to the list with all that the view says in its address.
func (s *Server) openView(c *gin.Context, id string) (response, error) {
	v, err := s.Book.View(c.Request.Context(), operator(c).Name, id)
	if err != nil {
		return nil, err
	}
	recordLater(c) // by the list
	return seeOther("/devices?" + v.Query + "&view=" + v.ID), nil
}

// viewMenu are the views that the operator may open, and the one that the list began with.
func (s *Server) viewMenu(c *gin.Context, q deviceQuery, columns []deviceColumn) (templates.ViewMenu, error) {
	who := operator(c)
	list, err := s.Book.Views(c.Request.Context(), who.Name)
	if err != nil {
		return templates.ViewMenu{}, err
	}
	m := templates.ViewMenu{AllHref: "/devices/views", SaveHref: q.at("/devices/views/new", "columns", strings.Join(q.columns, " "))}
	for _, v := range list {
		link := templates.Link{Label: v.Name, Href: viewHref(v), Current: v.ID == q.view}
		if v.Owner == who.Name {
			m.Own = append(m.Own, link)
		} else {
			link.Label += " (" + v.Owner + ")"
			m.Shared = append(m.Shared, link)
		}
		if v.ID == q.view {
			m.Open = s.openedView(c, v, q.asView(columns))
		}
	}
	if q.view != "" && m.Open == nil {
		m.Lost = "The view of this address is no longer there, or is not shared with you. Its filters are shown."
	}
	return m, nil
}

// openedView says which view the list began with, and whether it still is as that says.
func (s *Server) openedView(c *gin.Context, v notebook.View, now string) *templates.OpenView {
	open := &templates.OpenView{Name: v.Name, Owner: ownerOf(v, operator(c).Name), Changed: now != v.Query, ResetHref: viewHref(v)}
	if v.MayEdit(viewEditor(c)) {
		open.EditHref, open.Replace, open.CSRF, open.Query = viewPage(v.ID), viewPage(v.ID)+"/replace", operator(c).CSRF, now
	}
	return open
}

// ownerOf says whose a view is and who sees it.
func ownerOf(v notebook.View, reader string) string {
	switch {
	case v.Owner != reader:
		return "shared by " + v.Owner
	case v.Shared:
		return "yours, shared"
	}
	return "yours alone"
}

// listViews shows all views that the operator sees, with what each filters and how many devices that are now.
func (s *Server) listViews(c *gin.Context) (response, error) {
	list, err := s.Book.Views(c.Request.Context(), operator(c).Name)
	if err != nil {
		return nil, err
	}
	var rows []templates.ViewRow
	for _, v := range list {
		row := templates.ViewRow{ID: v.ID, Name: v.Name, Href: viewHref(v), Owner: ownerOf(v, operator(c).Name), Changed: s.clock(c).at(v.Changed)}
		row.Filters, row.Devices, row.Wrong = s.describeView(c, v)
		if v.MayEdit(viewEditor(c)) {
			row.EditHref = viewPage(v.ID)
		}
		rows = append(rows, row)
	}
	return page(http.StatusOK, s.frame(c, "Views", templates.Crumb{Label: "Devices", Href: "/devices"}, templates.Crumb{Label: "Views"}), templates.ViewsPage(rows)), nil
}

// describeView says in words what a view shows, and of how many devices.
func (s *Server) describeView(c *gin.Context, v notebook.View) (filters, devices, wrong string) {
	values, err := url.ParseQuery(v.Query)
	if err != nil {
		return "", "", "Its filters cannot be read any more."
	}
	q := s.readQuery(c, values)
	filters = "All devices"
	if words := strings.TrimPrefix(q.inWords(), ": "); words != "" {
		filters = words
	}
	if wrong = q.fault(); wrong != "" {
		return filters, "", wrong
	}
	n, err := s.Mirror.Count(c.Request.Context(), q.filter)
	if err != nil {
		return filters, "", classify(err).Message
	}
	return filters, number(n), ""
}

// showNewView is the form that keeps the filters of its address as a view.
func (s *Server) showNewView(c *gin.Context) (response, error) {
	q := s.deviceQuery(c)
	columns, err := s.deviceColumns(c, q)
	if err != nil {
		return nil, err
	}
	return s.viewForm(c, http.StatusOK, notebook.View{Query: q.asView(columns)}, ""), nil
}

// createView keeps a new view.
func (s *Server) createView(c *gin.Context) (response, error) {
	v := notebook.View{Name: c.PostForm("name"), Query: c.PostForm("query"), Owner: operator(c).Name, Shared: c.PostForm("shared") != ""}
	if err := s.maySave(c, v); err != nil {
		return nil, err
	}
	made, err := s.Book.SaveView(c.Request.Context(), v, func(tx *sql.Tx, is notebook.View) error {
		return s.recordView(c, tx, audit.ViewSave, is, nil)
	})
	if f := classify(err); err != nil && f.Kind == fault.Invalid {
		c.Set(keyCause, err)
		return s.viewForm(c, http.StatusUnprocessableEntity, v, f.Message), nil
	}
	if err != nil {
		return nil, err
	}
	return seeOther(viewHref(made)), nil
}

// maySave refuses to share by who may not, and what is no query of the list.
func (s *Server) maySave(c *gin.Context, v notebook.View) error {
	if v.Shared && !operator(c).Can(auth.ViewsShare) {
		s.deny(c, route{action: audit.ViewSave}, "no permission "+string(auth.ViewsShare))
		return fault.New(fault.Forbidden, "Your role does not allow to share a view. Keep it for yourself.")
	}
	values, err := url.ParseQuery(v.Query)
	if err != nil {
		return fault.New(fault.Invalid, "These filters cannot be read. Go back to the list, and save it from there.")
	}
	if wrong := s.readQuery(c, values).fault(); wrong != "" {
		return fault.New(fault.Invalid, wrong)
	}
	return nil
}

// viewOfPage is the view that the address names, when the visitor may change it.
func (s *Server) viewOfPage(c *gin.Context) (notebook.View, error) {
	v, err := s.Book.View(c.Request.Context(), operator(c).Name, c.Param("view"))
	if err == nil && !v.MayEdit(viewEditor(c)) {
		s.deny(c, route{action: audit.ViewChange}, "view of somebody else")
		err = fault.New(fault.Forbidden, "This view is "+v.Owner+"'s. Only its owner and admins may change it. Save it under a name of your own.")
	}
	return v, err
}

// showView is the form that renames a view, shares it or deletes it.
func (s *Server) showView(c *gin.Context) (response, error) {
	v, err := s.viewOfPage(c)
	if err != nil {
		return nil, err
	}
	return s.viewForm(c, http.StatusOK, v, ""), nil
}

// changeView renames a view, and shares it or not.
func (s *Server) changeView(c *gin.Context) (response, error) {
	v, err := s.viewOfPage(c)
	if err != nil {
		return nil, err
	}
	typed := v
	typed.Name, typed.Shared = c.PostForm("name"), c.PostForm("shared") != ""
	if typed.Shared != v.Shared {
		if err := s.maySave(c, typed); err != nil {
			return nil, err
		}
	}
	if err = s.alterView(c, v.ID, func(v *notebook.View) { v.Name, v.Shared = typed.Name, typed.Shared }); err != nil {
		f := classify(err)
		if f.Kind != fault.Invalid {
			return nil, err
		}
		c.Set(keyCause, err)
		return s.viewForm(c, http.StatusUnprocessableEntity, typed, f.Message), nil
	}
	return seeOther("/devices/views"), nil
}

// replaceView has a view show what the list shows now.
func (s *Server) replaceView(c *gin.Context) (response, error) {
	v, err := s.viewOfPage(c)
	if err != nil {
		return nil, err
	}
	v.Query = c.PostForm("query")
	if err := s.maySave(c, notebook.View{Query: v.Query}); err != nil {
		return nil, err
	}
	if err := s.alterView(c, v.ID, func(is *notebook.View) { is.Query = v.Query }); err != nil {
		return nil, err
	}
	return seeOther(viewHref(v)), nil
}

func (s *Server) alterView(c *gin.Context, id string, edit func(*notebook.View)) error {
	_, err := s.Book.ChangeView(c.Request.Context(), viewEditor(c), id, edit, func(tx *sql.Tx, was, is notebook.View) error {
		return s.recordView(c, tx, audit.ViewChange, is, &was)
	})
	return err
}

// deleteView forgets a view.
func (s *Server) deleteView(c *gin.Context) (response, error) {
	v, err := s.viewOfPage(c)
	if err != nil {
		return nil, err
	}
	err = s.Book.DeleteView(c.Request.Context(), viewEditor(c), v.ID, func(tx *sql.Tx, was notebook.View) error {
		return s.recordView(c, tx, audit.ViewDelete, was, nil)
	})
	if err != nil {
		return nil, err
	}
	return seeOther("/devices/views"), nil
}

// recordView writes the row of a change of a view, in its transaction.
func (s *Server) recordView(c *gin.Context, tx *sql.Tx, action audit.Action, is notebook.View, was *notebook.View) error {
	e := operator(c).Entry(action, audit.Event)
	e.Outcome = audit.OK
	if was != nil {
		e.Detail = []audit.Field{{Key: "view_before", Value: was.Name}, {Key: "query_before", Value: was.Query}, {Key: "shared_before", Value: strconv.FormatBool(was.Shared)}}
	}
	e.Detail = append([]audit.Field{{Key: "view", Value: is.Name}, {Key: "query", Value: is.Query}, {Key: "shared", Value: strconv.FormatBool(is.Shared)}}, e.Detail...)
	_, err := s.Audit.AppendTx(context.WithoutCancel(c.Request.Context()), tx, e)
	return err
}

func (s *Server) viewForm(c *gin.Context, status int, v notebook.View, wrong string) response {
	title := "Save a view"
	form := templates.ViewForm{CSRF: operator(c).CSRF, Post: "/devices/views/new", Name: v.Name, Query: v.Query, Shared: v.Shared, Error: wrong, MayShare: operator(c).Can(auth.ViewsShare), BackHref: "/devices?" + v.Query}
	if v.ID != "" {
		title = "Change a view"
		form.Post, form.Delete, form.BackHref = viewPage(v.ID), viewPage(v.ID)+"/delete", "/devices/views"
	}
	form.Title = title
	form.Filters, form.Devices, form.Wrong = s.describeView(c, v)
	return page(status, s.frame(c, title, templates.Crumb{Label: "Devices", Href: "/devices"}, templates.Crumb{Label: "Views", Href: "/devices/views"}, templates.Crumb{Label: title}), templates.ViewFormPage(form))
}
