package views

import (
	"database/sql"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/mirror"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// deviceColumn is a column of the list of devices.
type deviceColumn struct {
	ui.Column

	name string
	sort mirror.Sort
	cell func(k clock, d *mirror.Device) ui.Cell
}

// usualColumns are shown to who chose none.
var usualColumns = []string{"lifecycle", "package", "status", "used", "expires", "msisdn", "labels"}

// allDeviceColumns are those that can be chosen, in the order of the table. The device's id always leads.
var allDeviceColumns = []deviceColumn{
	{ui.Column{Title: "Lifecycle", Phone: "low", OnPhone: true}, "lifecycle", "", func(_ clock, d *mirror.Device) ui.Cell { b := stageBadge(d.Lifecycle); return ui.Cell{Badge: &b} }},
	{ui.Column{Title: "Stage ends"}, "stage_ends", mirror.ByStageEnd, func(k clock, d *mirror.Device) ui.Cell { return ui.Cell{Moment: k.upstream(d.LifecycleEnd)} }},
	{ui.Column{Title: "Package", Class: "grow", Phone: "across", OnPhone: true}, "package", "", func(_ clock, d *mirror.Device) ui.Cell { return ui.Cell{Text: order(d).PackageName} }},
	{ui.Column{Title: "Status", Phone: "low-end", OnPhone: true}, "status", "", statusCell},
	{ui.Column{Title: "Used", Phone: "first", OnPhone: true}, "used", mirror.ByUsed, func(_ clock, d *mirror.Device) ui.Cell { return ui.Cell{Meter: meter(order(d))} }},
	{ui.Column{Title: "Expires"}, "expires", mirror.ByExpiry, func(k clock, d *mirror.Device) ui.Cell { return ui.Cell{Moment: k.upstream(order(d).Expire)} }},
	{ui.Column{Title: "Order"}, "order", "", func(_ clock, d *mirror.Device) ui.Cell { return ui.Cell{ID: order(d).ID} }},
	{ui.Column{Title: "MSISDN", Class: "mid"}, "msisdn", "", func(_ clock, d *mirror.Device) ui.Cell { return ui.Cell{ID: deviceMSISDN(d)} }},
	{ui.Column{Title: "IMSI"}, "imsi", "", func(_ clock, d *mirror.Device) ui.Cell { return ui.Cell{ID: deviceIMSI(d)} }},
	{ui.Column{Title: "Bound IMEI"}, "imei", "", func(_ clock, d *mirror.Device) ui.Cell { return ui.Cell{ID: d.IMEI} }},
	{ui.Column{Title: "OTA"}, "ota", "", func(_ clock, d *mirror.Device) ui.Cell { return ui.Cell{Text: hasOTA(d.OTA)} }},
	{ui.Column{Title: "Partner", Class: "clip"}, "partner", "", func(_ clock, d *mirror.Device) ui.Cell { return ui.Cell{Text: d.PartnerName} }},
	{ui.Column{Title: "Labels", Class: "roomy"}, "labels", "", labelsCell},
	{ui.Column{Title: "Confirmed"}, "read", mirror.ByRead, func(k clock, d *mirror.Device) ui.Cell { return ui.Cell{Moment: k.at(d.Read)} }},
}

// order is the one that a device runs on; an empty one when it has none.
func order(d *mirror.Device) cmp.Order {
	o, _ := d.Current()
	return o
}

func statusCell(_ clock, d *mirror.Device) ui.Cell {
	o, ok := d.Current()
	if !ok {
		return ui.Cell{}
	}
	badge := statusBadge(o.Status)
	return ui.Cell{Badge: &badge}
}

func labelsCell(_ clock, d *mirror.Device) ui.Cell {
	var cell ui.Cell
	for _, name := range d.Labels {
		cell.Tags = append(cell.Tags, ui.Tag{Text: name, Href: labelHref(name)})
	}
	return cell
}

// deviceMSISDN is the device's own number, else that of its order or of a profile.
func deviceMSISDN(d *mirror.Device) string {
	if d.MSISDN != "" {
		return d.MSISDN
	}
	if msisdn := order(d).MSISDN; msisdn != "" {
		return msisdn
	}
	for _, p := range d.Profiles {
		if p.MSISDN != "" {
			return p.MSISDN
		}
	}
	return ""
}

func deviceIMSI(d *mirror.Device) string {
	if imsi := order(d).IMSI; imsi != "" || len(d.Profiles) == 0 {
		return imsi
	}
	return d.Profiles[0].IMSI
}

func hasOTA(f cmp.Flag) string {
	switch {
	case f.Yes():
		return "yes"
	case f.No():
		return "no"
	}
	return string(f)
}

// newColumns is the form by which an operator chooses the columns of the list.
func (s *Server) newColumns(c *gin.Context) (response, error) {
	q := s.deviceQuery(c)
	shown, err := s.deviceColumns(c, q)
	if err != nil {
		return nil, err
	}
	view := templates.DeviceColumns{BackHref: q.at("/devices"), CSRF: operator(c).CSRF, Action: q.at("/devices/columns"), Here: q.columns != nil}
	for _, column := range allDeviceColumns {
		on := slices.ContainsFunc(shown, func(d deviceColumn) bool { return d.name == column.name })
		view.Columns = append(view.Columns, templates.Option{Value: column.name, Label: column.Title, Selected: on})
	}
	return page(http.StatusOK, s.frame(c, "Columns", templates.Crumb{Label: "Devices", Href: view.BackHref}), templates.DeviceColumnsPage(view)), nil
}

func isColumn(name string) bool {
	return slices.ContainsFunc(allDeviceColumns, func(d deviceColumn) bool { return d.name == name })
}

// chooseColumns keeps the choice; none at all is the usual ones again. Where the address says the columns, as that of a view does, it
// changes the address alone.
func (s *Server) chooseColumns(c *gin.Context) (response, error) {
	q, chosen := s.deviceQuery(c), c.PostFormArray("column")
	for _, name := range chosen {
		if !isColumn(name) {
			return nil, fault.New(fault.Invalid, "The list has no column “"+name+"”.")
		}
	}
	if q.columns != nil {
		return seeOther(q.at("/devices", "columns", strings.Join(chosen, " "))), nil
	}
	who := operator(c)
	e := who.Entry(audit.DeviceColumns, audit.Event)
	e.Outcome, e.Detail = audit.OK, []audit.Field{{Key: "columns", Value: strings.Join(chosen, " ")}}
	err := s.Book.ChooseColumns(c.Request.Context(), who.Name, chosen, func(tx *sql.Tx) error {
		_, err := s.Audit.AppendTx(c.Request.Context(), tx, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	return seeOther(q.at("/devices")), nil
}
