package views

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
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
	return strings.TrimPrefix(q.at("", "view", "", "ticked", "", "columns", strings.Join(names, " ")), "?")
}

// openView leads to the list with all that the view says in its address.
func (s *Server) openView(c *gin.Context, id string) (response, error) {
	v, err := s.Book.View(c.Request.Context(), operator(c).Name, id)
	if err != nil {
		return nil, err
	}
	kept, _ := url.ParseQuery(v.Query) // what can be read of it
	q := s.readQuery(c, kept)
	columns, err := s.deviceColumns(c, q)
	if err != nil {
		return nil, err
	}
	recordLater(c) // by the list
	return seeOther("/devices?" + q.asView(columns) + "&view=" + url.QueryEscape(v.ID)), nil
}

// menuViews is how many views of their own, and of others, the menu offers; the page of views has all.
const menuViews = 12

// viewMenu are the views that the operator may open, and the one that the list began with.
func (s *Server) viewMenu(c *gin.Context, q deviceQuery, columns []deviceColumn) (templates.ViewMenu, error) {
	who := operator(c)
	list, err := s.Book.Views(c.Request.Context(), who.Name)
	if err != nil {
		return templates.ViewMenu{}, err
	}
	m := templates.ViewMenu{AllHref: "/devices/views", SaveHref: q.at("/devices/views/new", "columns", strings.Join(q.columns, " "))}
	for _, v := range list {
		link, group := templates.Link{Label: v.Name, Href: viewHref(v), Current: v.ID == q.view}, &m.Own
		if v.Owner != who.Name {
			link.Label += " (" + v.Owner + ")"
			group = &m.Shared
		}
		if len(*group) < menuViews {
			*group = append(*group, link)
		}
		if v.ID == q.view {
			m.Open = s.openedView(c, v, q.asView(columns), q.fault())
		}
	}
	if q.view != "" && m.Open == nil {
		m.Lost = "The view of this address is no longer there, or is not shared with you. Its filters are shown."
	}
	return m, nil
}

// openedView says which view the list began with, whether it still is as that says, and which of its filters no longer works.
// A list with a wrong filter is not what a view can be made to show.
func (s *Server) openedView(c *gin.Context, v notebook.View, now, wrong string) *templates.OpenView {
	open := &templates.OpenView{Name: v.Name, Owner: ownerOf(v, operator(c).Name), Changed: now != v.Query, ResetHref: viewHref(v)}
	if !open.Changed {
		open.Broken = wrong
	}
	if v.MayEdit(viewEditor(c)) {
		open.EditHref = viewPage(v.ID)
		if wrong == "" {
			open.Replace, open.CSRF, open.Query = viewPage(v.ID)+"/replace", operator(c).CSRF, now
		}
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
		row := templates.ViewRow{ViewShown: s.describeView(c, v), ID: v.ID, Name: v.Name, Href: viewHref(v), Owner: ownerOf(v, operator(c).Name), Changed: s.clock(c).at(v.Changed)}
		if v.MayEdit(viewEditor(c)) {
			row.EditHref = viewPage(v.ID)
		}
		rows = append(rows, row)
	}
	total, err := s.Mirror.Totals(c.Request.Context())
	if err != nil {
		return nil, err
	}
	view := templates.ViewTable{AsOf: s.clock(c).at(total.Oldest), Rows: rows}
	return page(http.StatusOK, s.frame(c, "Views", templates.Crumb{Label: "Devices", Href: "/devices"}, templates.Crumb{Label: "Views"}), templates.ViewsPage(view)), nil
}

// describeView says in words what a view shows, and of how many devices.
func (s *Server) describeView(c *gin.Context, v notebook.View) (shown templates.ViewShown) {
	values, err := url.ParseQuery(v.Query)
	if err != nil {
		shown.Wrong = "Its filters cannot be read any more."
		return shown
	}
	q := s.readQuery(c, values)
	shown.Filters = "All devices"
	if words := strings.TrimPrefix(q.inWords(), ": "); words != "" {
		shown.Filters = words
	}
	if shown.Wrong = q.fault(); shown.Wrong != "" {
		return shown
	}
	n, err := s.Mirror.Count(c.Request.Context(), q.filter)
	total, err2 := s.Mirror.Totals(c.Request.Context())
	if err = errors.Join(err, err2); err != nil {
		shown.Wrong = classify(err).Message
		return shown
	}
	shown.Devices, shown.AsOf = number(n), s.clock(c).at(total.Oldest)
	return shown
}
