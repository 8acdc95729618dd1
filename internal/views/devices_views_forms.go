package views

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/notebook"
	"cmpconsole/web/templates"
)

// showNewView is the form that keeps the filters of its address as a view.
func (s *Server) showNewView(c *gin.Context) (response, error) {
	v := notebook.View{Name: c.PostForm("name"), Shared: c.PostForm("shared") != ""} // kept over a session that had ended
	asked := c.Request.URL.RawQuery
	if typed := c.PostForm("query"); typed != "" {
		asked = typed
	}
	var err error
	v.Query, err = s.queryToKeep(c, asked)
	if err != nil {
		return nil, err
	}
	return s.viewForm(c, http.StatusOK, v, ""), nil
}

// createView keeps a new view.
func (s *Server) createView(c *gin.Context) (response, error) {
	v := notebook.View{Name: c.PostForm("name"), Owner: operator(c).Name, Shared: c.PostForm("shared") != ""}
	err := s.maySave(c, v, audit.ViewSave)
	if err == nil {
		v.Query, err = s.queryToKeep(c, c.PostForm("query"))
	}
	if err != nil {
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

// maySave refuses to share by who may not.
func (s *Server) maySave(c *gin.Context, v notebook.View, wanted audit.Action) error {
	if v.Shared && !operator(c).Can(auth.ViewsShare) {
		s.deny(c, route{action: wanted}, "no permission "+string(auth.ViewsShare))
		return fault.New(fault.Forbidden, "Your role does not allow to share a view. Keep it for yourself.")
	}
	return nil
}

// queryToKeep reads what a list shows and writes it as a view keeps it, always with columns: what else an address or a form
// may hold is left out, so that nothing in a view leads elsewhere or back to itself.
func (s *Server) queryToKeep(c *gin.Context, text string) (string, error) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return "", fault.New(fault.Invalid, "These filters cannot be read. Go back to the list, and save it from there.")
	}
	q := s.readQuery(c, values)
	if wrong := q.fault(); wrong != "" {
		return "", fault.New(fault.Invalid, wrong)
	}
	columns, err := s.deviceColumns(c, q)
	return q.asView(columns), err
}

// viewToChange is the view of the page, for a change. That there is none which the operator sees is a refusal, too.
func (s *Server) viewToChange(c *gin.Context, wanted audit.Action) (notebook.View, error) {
	v, err := s.viewOfPage(c, wanted)
	if err != nil && classify(err).Kind == fault.NotFound {
		s.deny(c, route{action: wanted}, "no view that they see")
	}
	return v, err
}

// viewOfPage is the view that the address names, when the visitor may change it.
func (s *Server) viewOfPage(c *gin.Context, wanted audit.Action) (notebook.View, error) {
	v, err := s.Book.View(c.Request.Context(), operator(c).Name, c.Param("view"))
	if err == nil && !v.MayEdit(viewEditor(c)) {
		s.deny(c, route{action: wanted}, "view of somebody else")
		err = fault.New(fault.Forbidden, "This view is "+v.Owner+"'s. Only its owner and admins may change it. Save it under a name of your own.")
	}
	return v, err
}

// showView is the form that renames a view or shares it.
func (s *Server) showView(c *gin.Context) (response, error) {
	v, err := s.viewOfPage(c, audit.ViewChange)
	if err != nil {
		return nil, err
	}
	if typed := c.PostForm("name"); typed != "" { // kept over a session that had ended
		v.Name, v.Shared = typed, c.PostForm("shared") != ""
	}
	return s.viewForm(c, http.StatusOK, v, ""), nil
}

// changeView renames a view, and shares it or not.
func (s *Server) changeView(c *gin.Context) (response, error) {
	v, err := s.viewToChange(c, audit.ViewChange)
	if err != nil {
		return nil, err
	}
	typed := v
	typed.Name, typed.Shared = c.PostForm("name"), c.PostForm("shared") != ""
	if typed.Shared != v.Shared {
		if err := s.maySave(c, typed, audit.ViewChange); err != nil {
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
	v, err := s.viewToChange(c, audit.ViewChange)
	if err != nil {
		return nil, err
	}
	if v.Query, err = s.queryToKeep(c, c.PostForm("query")); err != nil {
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

// confirmDeleteView asks whether a view is to be deleted.
func (s *Server) confirmDeleteView(c *gin.Context) (response, error) {
	v, err := s.viewOfPage(c, audit.ViewDelete)
	if err != nil {
		return nil, err
	}
	ask := templates.ViewDelete{Name: v.Name, Owner: ownerOf(v, operator(c).Name), Shared: v.Shared, Post: viewPage(v.ID) + "/delete", CSRF: operator(c).CSRF, BackHref: viewPage(v.ID)}
	ask.ViewShown = s.describeView(c, v)
	return page(http.StatusOK, s.frame(c, "Delete a view", viewCrumbs("Delete a view")...), templates.ViewDeletePage(ask)), nil
}

// deleteView forgets a view.
func (s *Server) deleteView(c *gin.Context) (response, error) {
	v, err := s.viewToChange(c, audit.ViewDelete)
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
	e.Detail = append([]audit.Field{{Key: "view", Value: is.Name}, {Key: "shared", Value: yesNo(is.Shared, true)}}, audit.Parts("query", is.Query)...)
	if was != nil {
		e.Detail = append(e.Detail, audit.Field{Key: "view_before", Value: was.Name}, audit.Field{Key: "shared_before", Value: yesNo(was.Shared, true)})
		e.Detail = append(e.Detail, audit.Parts("query_before", was.Query)...)
	}
	_, err := s.Audit.AppendTx(context.WithoutCancel(c.Request.Context()), tx, e)
	return err
}

func (s *Server) viewForm(c *gin.Context, status int, v notebook.View, wrong string) response {
	title := "Save a view"
	form := templates.ViewForm{CSRF: operator(c).CSRF, Post: "/devices/views/new", Name: v.Name, Query: v.Query, Shared: v.Shared, Error: wrong, MayShare: operator(c).Can(auth.ViewsShare), BackHref: "/devices?" + v.Query}
	if v.ID != "" {
		title = "Change a view"
		form.Post, form.DeleteHref, form.BackHref = viewPage(v.ID), viewPage(v.ID)+"/delete", "/devices/views"
	}
	form.Title = title
	form.ViewShown = s.describeView(c, v)
	return page(status, s.frame(c, title, viewCrumbs(title)...), templates.ViewFormPage(form))
}

func viewCrumbs(last string) []templates.Crumb {
	return []templates.Crumb{{Label: "Devices", Href: "/devices"}, {Label: "Views", Href: "/devices/views"}, {Label: last}}
}
