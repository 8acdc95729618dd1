package views

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/notebook"
	"cmpconsole/web/templates"
)

// selectDevices freezes devices as a selection with an address of its own: those that are ticked, or with which=all
// every one that the filters find, whatever page is shown. Where none is ticked the same page of the list says so.
func (s *Server) selectDevices(c *gin.Context) (response, error) {
	q := s.deviceQuery(c)
	if wrong := q.fault(); wrong != "" {
		return nil, fault.New(fault.Invalid, wrong)
	}
	ids := c.PostFormArray("device")
	title := plural(len(ids), "ticked device")
	if c.PostForm("which") == "all" {
		found, total, err := s.Mirror.IDs(c.Request.Context(), q.filter, notebook.MostChosen)
		if err != nil {
			return nil, err
		}
		if total > notebook.MostChosen {
			return nil, fault.New(fault.TooLarge, fmt.Sprintf("%s devices match. A selection holds up to %s: narrow the list. Nothing was kept.", number(total), number(notebook.MostChosen)))
		}
		ids, title = found, "All "+number(total)+" that matched"+q.inWords()
	}
	if len(ids) == 0 {
		return seeOther(q.at("/devices", "after", c.Query("after"), "before", c.Query("before"), "selected", "none")), nil
	}
	made, err := s.keepSelection(c, notebook.Selection{Title: title, Source: notebook.Chosen, Filter: q.narrowing()}, notebook.LinesOf(ids))
	if err != nil {
		return nil, err
	}
	return seeOther(withQuery("/devices", "in", made.ID)), nil
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
	return s.Selections.Make(c.Request.Context(), sel, lines, func(tx *sql.Tx, made notebook.Selection) error {
		e := who.Entry(audit.SelectionCreate, audit.Event)
		e.Outcome = audit.OK
		e.Detail = append([]audit.Field{{Key: "selection", Value: made.ID}, {Key: "rows", Value: strconv.Itoa(made.Devices())}, {Key: "filter", Value: made.Filter}}, more...)
		_, err := s.Audit.AppendTx(c.Request.Context(), tx, e)
		return err
	})
}

// bulk is what can be done with the devices of a list.
func bulk(c *gin.Context, q deviceQuery, total int) templates.DeviceBulk {
	who := operator(c)
	b := templates.DeviceBulk{CSRF: who.CSRF, Action: q.at("/devices/select", "after", c.Query("after"), "before", c.Query("before")), All: number(total)}
	if c.Query("selected") == "none" {
		b.Wrong = "Nothing was ticked, so nothing was kept. Tick devices below, or take all that match."
	}
	if q.filter.In != "" && who.Can(auth.DevicesNote) {
		b.AnnotateHref, b.Devices = withQuery("/devices/annotate", "in", q.in.ID), plural(q.in.Devices(), "device")
	}
	return b
}
