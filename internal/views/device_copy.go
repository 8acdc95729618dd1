package views

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/mirror"
	"cmpconsole/web/templates"
)

// deviceFromCopy shows what the copy of the fleet knows of a device that the CMP does not tell of: because it no longer knows it, or
// because it cannot be read. Nothing can be done from there. False: the copy does not know it either.
func (s *Server) deviceFromCopy(c *gin.Context, id string, failed error) (response, bool) {
	d, known, err := s.Mirror.Device(c.Request.Context(), id)
	if err != nil || !known {
		return nil, false
	}
	k, status := s.clock(c), http.StatusOK
	view := s.deviceStages(c, d.Device)
	view.Head.Read, view.Copy, view.Identity = k.at(d.Read), k.copyTrouble(c, d, failed), append(identity(withProfiles(d)), s.boundFact(c, id)...)
	view.OrdersFail = &templates.Notice{Tone: "warn", Title: "Only the order that the copy knows is shown.", Text: "The others were not read."}
	if !isGone(failed) {
		status = problems[classify(failed).Kind].status
	}
	if o, ok := d.Current(); ok {
		view.Current, view.Orders = k.currentPackage(o), []templates.OrderRow{k.orderRow(o)}
	}
	view.Actions.Note = "Nothing can be done while the CMP does not tell of this device."
	if s.deviceRecords(c, id, &view) != nil {
		return nil, false
	}
	c.Set(keyCause, failed)
	return page(status, s.deviceFrame(c, id, "Device "+id), templates.DeviceOverview(view)), true
}

// isGone tells that the CMP no longer knows the device.
func isGone(err error) bool { return fault.KindOf(err) == fault.NotFound }

// copyTrouble says why the page shows a copy, and how old that is.
func (k clock) copyTrouble(c *gin.Context, d mirror.Device, failed error) *templates.CopyTrouble {
	t := &templates.CopyTrouble{Read: k.at(d.Read)}
	if isGone(failed) {
		t.Title, t.Text = "The CMP no longer knows this device.", "What is shown was known last, and may help to tell what became of it."
		if !d.Gone.IsZero() {
			gone := k.at(d.Gone)
			t.Gone = &gone
		}
		return t
	}
	trouble := trouble(c, failed)
	t.Title, t.Text, t.Said, t.Ref, t.RetryHref = trouble.Title+".", trouble.Message, trouble.Said, trouble.Ref, trouble.RetryHref
	return t
}

// withProfiles is the device with all identities that the copy knows beside its order.
func withProfiles(d mirror.Device) cmp.Device {
	device := d.Device
	if len(d.Profiles) > 0 {
		device.Orders = append([]cmp.Order{{Profiles: d.Profiles}}, device.Orders...)
	}
	return device
}
