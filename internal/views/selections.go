package views

import (
	"database/sql"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ident"
	"cmpconsole/internal/notebook"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// recentSelections is how many of an operator's own selections are offered.
const recentSelections = 20

func selectionHref(id string) string { return "/selections/" + id }

// listSelections shows the field for a pasted list, and the selections that the operator made last.
func (s *Server) listSelections(c *gin.Context) (response, error) {
	return s.manyPage(c, http.StatusOK, pasted(c.Query("q")), "") // from the one box, where several numbers were typed
}

func (s *Server) manyPage(c *gin.Context, status int, typed, wrong string) (response, error) {
	recent, err := s.Selections.Recent(c.Request.Context(), operator(c).UserID, recentSelections)
	if err != nil {
		return nil, err
	}
	k := s.clock(c)
	view := templates.Many{CSRF: operator(c).CSRF, Typed: typed, Error: wrong}
	for _, sel := range recent {
		view.Recent = append(view.Recent, templates.SelectionRow{Title: sel.Title, Href: selectionHref(sel.ID), Made: k.at(sel.Made)})
	}
	return page(status, s.frame(c, "Look up many", templates.Crumb{Label: "Search", Href: "/search"}, templates.Crumb{Label: "Many"}), templates.ManyPage(view)), nil
}

// createSelection looks up a pasted list, and keeps what it found under an address of its own.
func (s *Server) createSelection(c *gin.Context) (response, error) {
	typed := c.PostForm("q")
	pieces := ident.Split(typed)
	switch {
	case len(pieces) == 0:
		return s.manyPage(c, http.StatusUnprocessableEntity, typed, "Paste ICCIDs, IMSIs, MSISDNs, IMEIs or order codes, in lines or with commas between them.")
	case len(pieces) > notebook.MostPasted:
		return s.manyPage(c, http.StatusUnprocessableEntity, typed, fmt.Sprintf("These are %s numbers; up to %s are looked up at once. Nothing was looked up: take some away, and look up the others after.", number(len(pieces)), number(notebook.MostPasted)))
	}
	lines, err := s.recognise(c.Request.Context(), pieces)
	if err != nil {
		return nil, err
	}
	ask := firstAsked(lines)
	made, err := s.keepSelection(c, notebook.Selection{Title: plural(len(pieces), "pasted number"), Source: notebook.Pasted}, lines, asks(ask)...)
	if err != nil {
		return nil, err
	}
	if ask > 0 {
		s.Asker.Ask(made.ID, ask)
	}
	return seeOther(selectionHref(made.ID)), nil
}

var stateWords = map[notebook.State]ui.Badge{
	notebook.Found:     {Icon: "circle-check", Word: "Found", Tone: "good"},
	notebook.Ambiguous: {Icon: "circle-help", Word: "Several devices", Tone: "warn"},
	notebook.Missing:   {Icon: "circle-x", Word: "Not found", Tone: "bad"},
	notebook.Unusable:  {Icon: "ban", Word: "Not readable", Tone: "bad"},
	notebook.Doubled:   {Icon: "copy", Word: "Twice", Tone: ""},
}

// showSelection shows what each line was recognised as, and what can be done with the devices that were found.
func (s *Server) showSelection(c *gin.Context) (response, error) {
	sel, err := s.Selections.Get(c.Request.Context(), c.Param("id"))
	if err != nil {
		return nil, err
	}
	state := notebook.State(c.Query("state"))
	if state != "" && !slices.Contains(notebook.States(), state) {
		return nil, fault.New(fault.Invalid, "Lines of a selection have no state “"+string(state)+"”.")
	}
	noteOf(c, "", "", "selection", sel.ID)
	at, err := pageNumber(c)
	if err != nil {
		return nil, err
	}
	lines, err := s.Selections.Lines(c.Request.Context(), sel.ID, state, (at-1)*listSize, listSize)
	if err != nil {
		return nil, err
	}
	view := s.selectionView(c, sel, state)
	if view.Asked, err = s.askedView(c, sel); err != nil {
		return nil, err
	}
	total := sel.Lines
	if state != "" {
		total = sel.Counts[state]
	}
	view.Pager = pager(selectionHref(sel.ID), at, total, len(lines), "state", string(state))
	for _, l := range lines {
		view.Rows = append(view.Rows, selectionLine(l))
	}
	return page(http.StatusOK, s.frame(c, sel.Title, templates.Crumb{Label: "Look up many", Href: "/selections"}, templates.Crumb{Label: sel.Title}), templates.SelectionPage(view)), nil
}

func (s *Server) selectionView(c *gin.Context, sel notebook.Selection, state notebook.State) templates.Selection {
	who, href := operator(c), selectionHref(sel.ID)
	view := templates.Selection{ID: sel.ID, Title: sel.Title, By: sel.Maker, Made: s.clock(c).at(sel.Made), Devices: sel.Devices(), CSRF: who.CSRF, PickAction: href + "/pick", DevicesHref: withQuery("/devices", "in", sel.ID)}
	view.MayPick = sel.Owner == who.UserID
	view.States = []templates.Link{{Label: "All " + number(sel.Lines), Href: href, Current: state == ""}}
	for _, one := range notebook.States() {
		if n := sel.Counts[one]; n > 0 {
			view.States = append(view.States, templates.Link{Label: stateWords[one].Word + " " + number(n), Href: withQuery(href, "state", string(one)), Current: state == one})
		}
	}
	if who.Can(auth.OrdersCreate) && s.offered("/orders/new") {
		view.OrderHref = offerTo(&view, "/orders/new", ops.MaxPurchases, "An order takes")
	}
	if who.Can(auth.SMSSend) && s.offered("/sms/new") {
		view.SMSHref = offerTo(&view, "/sms/new", ops.MaxSMSDevices, "An SMS takes")
	}
	limit := takesOnly(who, sel.Devices())
	switch {
	case !who.Can(auth.DevicesExport):
	case limit != "":
		view.Limits = append(view.Limits, limit)
	default:
		view.CSVHref, view.CSVExcelHref, view.XLSXHref = withQuery(href+"/export", "format", formatCSV), withQuery(href+"/export", "format", formatCSVExcel), withQuery(href+"/export", "format", formatXLSX)
	}
	return view
}

// offerTo is the address of a form for the devices of a selection, if it takes so many. If not, the page says why.
func offerTo(v *templates.Selection, form string, most int, what string) string {
	if v.Devices > most {
		v.Limits = append(v.Limits, what+" up to "+number(most)+" devices.")
	}
	if v.Devices == 0 || v.Devices > most {
		return ""
	}
	return withQuery(form, "selection", v.ID)
}

func selectionLine(l notebook.Line) templates.SelectionLine {
	line := templates.SelectionLine{Place: strconv.Itoa(l.Place), Typed: l.Typed, ReadAs: l.ReadAs, State: stateWords[l.State], Note: l.Note, Choices: l.Choices}
	if l.State != notebook.Missing && l.State != notebook.Unusable && l.Device != "" {
		line.Device, line.Href = l.Device, deviceHref(l.Device)
	}
	if l.State != notebook.Ambiguous {
		line.Choices = nil
	}
	return line
}

// pickDevice settles which of several devices a line means. Only who made the selection may. The pick and its record are
// one change.
func (s *Server) pickDevice(c *gin.Context) (response, error) {
	sel, err := s.ownSelection(c, audit.SelectionPick, "pick its devices")
	if err != nil {
		return nil, err
	}
	place, err := strconv.Atoi(c.PostForm("line"))
	if err != nil {
		return nil, fault.New(fault.Invalid, "Say which line is meant.")
	}
	e := operator(c).Entry(audit.SelectionPick, audit.Event)
	e.Device, e.Outcome, e.Detail = c.PostForm("device"), audit.OK, []audit.Field{{Key: "selection", Value: sel.ID}, {Key: "line", Value: strconv.Itoa(place)}}
	ok, err := s.Selections.Pick(c.Request.Context(), sel.ID, place, e.Device, func(tx *sql.Tx) error {
		_, err := s.Audit.AppendTx(c.Request.Context(), tx, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.New(fault.Conflict, "This line has no such choice any more. Open the selection again.")
	}
	s.Mirror.Reselected()
	return seeOther(withQuery(selectionHref(sel.ID), "state", string(notebook.Ambiguous))), nil
}

// exportSelection answers with every line and what became of it, those that were not found included.
func (s *Server) exportSelection(c *gin.Context) (response, error) {
	sel, err := s.Selections.Get(c.Request.Context(), c.Param("id"))
	if err != nil {
		return nil, err
	}
	noteOf(c, "", "", "format", c.Query("format"), "rows", strconv.Itoa(sel.Lines), "selection", sel.ID)
	if err := mayTake(operator(c), sel.Devices()); err != nil {
		return nil, err
	}
	format := c.Query("format")
	if sheetKinds[format] == "" {
		return nil, errSheetFormat
	}
	t := sheet{name: "selection-" + sel.Made.UTC().Format("20060102-150405"), header: []string{"line", "as typed", "read as", "result", "device", "note"}, numbers: []int{0}}
	t.each = func(write func(row []string) error) error {
		return s.Selections.Each(c.Request.Context(), sel.ID, func(l notebook.Line) error {
			shown := selectionLine(l)
			return write([]string{shown.Place, shown.Typed, shown.ReadAs, shown.State.Word, shown.Device, shown.Note})
		})
	}
	return func(c *gin.Context) { s.stream(c, t, format) }, nil
}

// selected are the devices of a selection that an address names, for a form that takes a list of them.
func (s *Server) selected(c *gin.Context) (string, error) {
	id := c.Query("selection")
	if id == "" {
		return c.Query("devices"), nil
	}
	ids, err := s.Selections.Members(c.Request.Context(), id)
	return strings.Join(ids, "\n"), err
}
