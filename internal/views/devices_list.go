package views

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/mirror"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// rowStale is how long ago the CMP may have confirmed a device before its row says so.
const rowStale = 24 * time.Hour

// listDevices shows one page of the fleet, as the mirror has it.
func (s *Server) listDevices(c *gin.Context) (response, error) {
	q := s.deviceQuery(c)
	if len(q.values) == 1 && q.view != "" {
		return s.openView(c, q.view)
	}
	noteOf(c, "", "", "filter", c.Request.URL.RawQuery)
	columns, err := s.deviceColumns(c, q)
	if err != nil {
		return nil, err
	}
	view := templates.DeviceList{Chips: q.chips(), Filtered: q.filtered(), Columns: tableColumns(columns, q), ColumnsHref: q.at("/devices/columns")}
	if view.Views, err = s.viewMenu(c, q, columns); err != nil {
		return nil, err
	}
	frame := s.frame(c, "Devices")
	if wrong := q.fault(); wrong != "" {
		return s.wrongList(c, frame, view, q, wrong), nil
	}
	list, err := s.Mirror.List(c.Request.Context(), mirror.Query{Filter: q.filter, Sort: q.sort, Desc: q.desc, After: c.Query("after"), Before: c.Query("before"), Size: listSize})
	if fault.KindOf(err) == fault.Invalid {
		q.wrong["list"] = classify(err).Message
		return s.wrongList(c, frame, view, q, q.fault()), nil
	}
	if err != nil {
		return nil, err
	}
	s.fillDevices(c, &view, q, columns, list)
	if err := s.tickRows(c, &view, q); err != nil {
		return nil, err
	}
	if err := s.tellFleet(c, &view, q); err != nil {
		return nil, err
	}
	return page(http.StatusOK, frame, templates.Devices(view)), nil
}

// wrongList is the page without devices: it says what cannot be asked for, beside the filters that are set.
func (s *Server) wrongList(c *gin.Context, frame templates.Page, view templates.DeviceList, q deviceQuery, wrong string) response {
	c.Set(keyCause, fault.New(fault.Invalid, wrong))
	view.Wrong, view.Bar = wrong, s.deviceBar(c, q)
	status := http.StatusUnprocessableEntity
	if open := view.Views.Open; open != nil && open.Broken != "" {
		status = http.StatusOK // the view opens, with a note
	}
	return page(status, frame, templates.Devices(view))
}

// fillDevices puts the rows into the view, with how old they are.
func (s *Server) fillDevices(c *gin.Context, view *templates.DeviceList, q deviceQuery, columns []deviceColumn, list mirror.Page) {
	k := s.clock(c)
	view.Bar = s.deviceBar(c, q)
	view.Total, view.Empty = list.Total, s.Mirror.Known() == 0
	view.Rows = make([]ui.Row, 0, len(list.Devices))
	for i := range list.Devices {
		view.Rows = append(view.Rows, k.fleetRow(&list.Devices[i], columns))
	}
	view.Pager = ui.Pager{Total: number(list.Total)}
	if len(list.Devices) > 0 {
		view.Pager.From, view.Pager.To = number(list.From), number(list.From+len(list.Devices)-1)
	}
	if list.Next != "" {
		view.Pager.NextHref = q.at("/devices", "after", list.Next)
	}
	if list.Previous != "" {
		view.Pager.PreviousHref = q.at("/devices", "before", list.Previous)
	}
	if s.filling() {
		view.Notice = s.partialNotice()
	}
	view.SyncHref, view.Bulk, view.Here = "/sync", bulk(c, q, list), q.at("/devices", "after", c.Query("after"), "before", c.Query("before"))
	if !operator(c).Can(auth.DevicesExport) {
		return
	}
	if view.ExportLimit = takesOnly(operator(c), list.Total); view.ExportLimit == "" {
		view.CSVHref, view.CSVExcelHref, view.XLSXHref = q.at("/devices/export", "format", formatCSV), q.at("/devices/export", "format", formatCSVExcel), q.at("/devices/export", "format", formatXLSX)
	}
}

// tickRows ticks what was ticked before.
func (s *Server) tickRows(c *gin.Context, view *templates.DeviceList, q deviceQuery) error {
	if q.ticked.ID == "" {
		return nil
	}
	shown := make([]string, len(view.Rows))
	for i := range view.Rows {
		shown[i] = view.Rows[i].ID
	}
	var err error
	view.Bulk.Kept, err = s.Selections.Holds(c.Request.Context(), q.ticked.ID, shown)
	for i := range view.Rows {
		view.Rows[i].Ticked = slices.Contains(view.Bulk.Kept, view.Rows[i].ID)
	}
	return err
}

// tellFleet says how old the copy of the fleet is at its oldest, which the total rests on, and leads to the devices that fit the filters and
// that the CMP no longer knows: the list leaves them out.
func (s *Server) tellFleet(c *gin.Context, view *templates.DeviceList, q deviceQuery) error {
	total, err := s.Mirror.Totals(c.Request.Context())
	view.AsOf = s.clock(c).at(total.Oldest)
	if err != nil || total.Gone == 0 || q.filter.Gone || !q.filtered() {
		return err
	}
	gone := q.filter
	gone.Gone = true
	n, err := s.Mirror.Count(c.Request.Context(), gone)
	if n > 0 {
		view.Gone, view.GoneHref = plural(n, "device")+" that the CMP no longer knows", q.at("/devices", "gone", "yes")
	}
	return err
}

// fleetRow is a row of the list: what is old or gone says so beside the id.
func (k clock) fleetRow(d *mirror.Device, columns []deviceColumn) ui.Row {
	row := ui.Row{ID: d.ID, Href: deviceHref(d.ID), Tick: "device", Renew: renewHref(d.ID), Cells: make([]ui.Cell, 0, len(columns))}
	if !d.Gone.IsZero() {
		row.Mark = ui.Badge{Icon: "ban", Word: "gone", Tone: "bad", Plain: true}
	}
	if k.now.Sub(d.Read) > rowStale {
		row.Note = k.at(d.Read)
	}
	for i := range columns {
		row.Cells = append(row.Cells, columns[i].cell(k, d))
	}
	return row
}

// chips are the filters that are on, each with the list without it.
func (q deviceQuery) chips() []templates.Chip {
	var list []templates.Chip
	for _, f := range deviceFilters {
		if f.key == "label" && q.wrong["label"] == "" {
			list = append(list, q.labelChips()...)
			continue
		}
		if words, ok := q.words[f.key]; ok {
			list = append(list, templates.Chip{Name: f.label, Value: words, Href: q.at("/devices", f.key, ""), ID: f.key == "q"})
		}
	}
	return list
}

// labelChips are the labels that devices must have, each with the list without it.
func (q deviceQuery) labelChips() (list []templates.Chip) {
	for i, name := range q.filter.Labels {
		others := slices.Delete(slices.Clone(q.filter.Labels), i, i+1)
		list = append(list, templates.Chip{Name: "Label", Value: name, Href: q.at("/devices", "label", strings.Join(others, ","))})
	}
	return list
}

// tableColumns are the columns with the addresses that sort by them.
func tableColumns(columns []deviceColumn, q deviceQuery) []ui.Column {
	list := []ui.Column{q.sortable(ui.Column{Title: "Device"}, mirror.ByID)}
	for _, column := range columns {
		shown := column.Column
		if column.sort != "" {
			shown = q.sortable(shown, column.sort)
		}
		list = append(list, shown)
	}
	return list
}

// sortable leads from a column to the list sorted by it, and once it is so to the other way round.
func (q deviceQuery) sortable(column ui.Column, by mirror.Sort) ui.Column {
	next := string(by)
	if q.sort == by {
		column.Sorted = "ascending"
		if q.desc {
			column.Sorted = "descending"
		} else {
			next = "-" + next
		}
	}
	column.SortHref = q.at("/devices", "sort", next)
	return column
}

// deviceColumns are the columns that the address says, that the operator chose, or those that everybody begins with.
func (s *Server) deviceColumns(c *gin.Context, q deviceQuery) ([]deviceColumn, error) {
	chosen := q.columns
	if chosen == nil {
		var err error
		if chosen, err = s.Book.Columns(c.Request.Context(), operator(c).Name); err != nil {
			return nil, err
		}
	}
	if len(chosen) == 0 {
		chosen = usualColumns
	}
	return slices.DeleteFunc(slices.Clone(allDeviceColumns), func(d deviceColumn) bool { return !slices.Contains(chosen, d.name) }), nil
}
