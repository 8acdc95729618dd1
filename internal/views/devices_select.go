package views

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/notebook"
	"cmpconsole/web/templates"
)

// selectDevices freezes devices as a selection with an address of its own: those that are ticked, or with which=all
// every one that the filters find, whatever page is shown. With which=more it keeps the ticked ones and goes on ticking, on the next page if there
// is one. Where none is ticked the same page of the list says so.
func (s *Server) selectDevices(c *gin.Context) (response, error) {
	q := s.deviceQuery(c)
	if wrong := q.fault(); wrong != "" {
		return nil, fault.New(fault.Invalid, wrong)
	}
	if c.PostForm("which") == "all" {
		return s.selectAll(c, q)
	}
	ids, here := c.PostFormArray("device"), []string{"after", c.Query("after"), "before", c.Query("before")}
	if len(ids) == 0 && q.ticked.Devices() == 0 {
		return seeOther(q.at("/devices", append(here, "selected", "none")...)), nil
	}
	sel, err := s.tick(c, q, ids)
	switch {
	case err != nil:
		return nil, err
	case c.PostForm("which") != "more" && sel.Devices() > 0:
		return seeOther(withQuery("/devices", "in", sel.ID)), nil
	case c.Query("next") != "":
		here = []string{"after", c.Query("next")}
	}
	return seeOther(q.at("/devices", append(here, "ticked", sel.ID)...)), nil
}

func (s *Server) selectAll(c *gin.Context, q deviceQuery) (response, error) {
	found, total, err := s.Mirror.IDs(c.Request.Context(), q.filter, notebook.MostChosen)
	if err != nil {
		return nil, err
	}
	if total > notebook.MostChosen {
		return nil, fault.New(fault.TooLarge, fmt.Sprintf("%s devices match. A selection holds up to %s: narrow the list. Nothing was kept.", number(total), number(notebook.MostChosen)))
	}
	made, err := s.keepSelection(c, notebook.Selection{Title: "All " + number(total) + " that matched" + q.inWords(), Source: notebook.Chosen, Filter: q.narrowing()}, notebook.LinesOf(found))
	if err != nil {
		return nil, err
	}
	return seeOther(withQuery("/devices", "in", made.ID)), nil
}

// tick adds devices to those that were ticked on other pages, and takes out those of this page that no longer are.
func (s *Server) tick(c *gin.Context, q deviceQuery, ids []string) (notebook.Selection, error) {
	titled := func(devices int) string { return plural(devices, "ticked device") }
	if q.ticked.ID == "" {
		return s.keepSelection(c, notebook.Selection{Title: titled(len(ids)), Source: notebook.Chosen, Filter: q.narrowing()}, notebook.LinesOf(ids))
	}
	unticked := slices.DeleteFunc(c.PostFormArray("kept"), func(id string) bool { return slices.Contains(ids, id) })
	sel, err := s.Selections.Change(c.Request.Context(), q.ticked.ID, ids, unticked, titled, func(tx *sql.Tx, now notebook.Selection) error { return s.recordSelection(c, tx, now, nil) })
	s.Mirror.Reselected()
	return sel, err
}

// inWords are the filters, as a title has them.
func (q deviceQuery) inWords() string {
	var words []string
	for _, f := range deviceFilters {
		if word, ok := q.words[f.key]; ok {
			words = append(words, f.label+" "+word)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return ": " + strings.Join(words, ", ")
}

func (s *Server) keepSelection(c *gin.Context, sel notebook.Selection, lines []notebook.Line, more ...audit.Field) (notebook.Selection, error) {
	who := operator(c)
	sel.Owner, sel.Maker = who.UserID, who.Name
	return s.Selections.Make(c.Request.Context(), sel, lines, func(tx *sql.Tx, made notebook.Selection) error { return s.recordSelection(c, tx, made, more) })
}

func (s *Server) recordSelection(c *gin.Context, tx *sql.Tx, made notebook.Selection, more []audit.Field) error {
	e := operator(c).Entry(audit.SelectionCreate, audit.Event)
	e.Outcome = audit.OK
	e.Detail = append([]audit.Field{{Key: "selection", Value: made.ID}, {Key: "rows", Value: strconv.Itoa(made.Devices())}, {Key: "filter", Value: made.Filter}}, more...)
	_, err := s.Audit.AppendTx(c.Request.Context(), tx, e)
	return err
}

// bulk is what can be done with the devices of a list.
func bulk(c *gin.Context, q deviceQuery, list mirror.Page) templates.DeviceBulk {
	who := operator(c)
	b := templates.DeviceBulk{CSRF: who.CSRF, Action: q.at("/devices/select", "after", c.Query("after"), "before", c.Query("before"), "next", list.Next), All: number(list.Total)}
	switch {
	case list.Next != "":
		b.More = "the ticked, and more on the next page"
	case list.Previous != "" || q.ticked.ID != "":
		b.More = "the ticked, and more"
	}
	if q.ticked.ID != "" {
		b.Ticked, b.TickedHref, b.ForgetHref = plural(q.ticked.Devices(), "device"), withQuery("/devices", "in", q.ticked.ID), q.at("/devices", "ticked", "", "after", c.Query("after"), "before", c.Query("before"))
	}
	if c.Query("selected") == "none" {
		b.Wrong = "Nothing was ticked, so nothing was kept. Tick devices below, or take all that match."
	}
	if q.filter.In != "" && who.Can(auth.DevicesNote) {
		b.AnnotateHref, b.Devices = withQuery("/devices/annotate", "in", q.in.ID), plural(q.in.Devices(), "device")
	}
	return b
}
