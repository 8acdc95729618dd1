package views

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/webhook"
	"cmpconsole/web/templates"
)

// smsBoxes lead from what was sent to what came from devices, and back.
func (s *Server) smsBoxes(c *gin.Context, current string) []templates.Link {
	in := "From devices"
	if n := s.unreadWord(c); n != "" {
		in += " (" + n + " unread)"
	}
	return []templates.Link{{Label: "Sent", Href: "/sms", Current: current == ""}, {Label: in, Href: "/sms?box=in", Current: current == "in"}}
}

// listInbound shows the messages from devices, those that came last first.
func (s *Server) listInbound(c *gin.Context) (response, error) {
	q := webhook.InboundQuery{Device: compact(c.Query("device")), Unread: c.Query("unread") == "yes", Limit: listSize + 1}
	noteOf(c, q.Device, "", "list", "sms", "box", "in")
	if text := c.Query("before"); text != "" {
		var ok bool
		if q.Before, ok = serial(text); !ok {
			return nil, fault.New(fault.Invalid, "The place in the list is not given as the number of a message. Open the list anew.")
		}
	}
	found, err := s.Inbox.Inbounds(c.Request.Context(), q)
	if err != nil {
		return nil, err
	}
	k := s.clock(c)
	filters := []string{"box", "in", "device", q.Device, "unread", c.Query("unread")}
	view := templates.InboundList{Boxes: s.smsBoxes(c, "in"), Chips: inboundChips(c, q), Href: withQuery("/sms", append(filters[:len(filters):len(filters)], "before", c.Query("before"))...), Read: k.read(k.now), Off: s.pushOff()}
	if view.Total, err = s.Inbox.CountInbounds(c.Request.Context(), q); err != nil {
		return nil, err
	}
	if !q.Unread {
		view.UnreadHref = withQuery("/sms", "box", "in", "device", q.Device, "unread", "yes")
	}
	if operator(c).Can(auth.SMSSend) && s.offered("/sms/new") {
		view.NewHref = withQuery("/sms/new", "devices", q.Device)
	}
	if len(found) > listSize {
		found = found[:listSize]
		view.OlderHref = withQuery("/sms", append(filters[:len(filters):len(filters)], "before", strconv.FormatInt(found[listSize-1].ID, 10))...)
	}
	view.Watch = watch(c, view.Href, "inbound-total inbound-read sms-boxes inbound", "unread")
	for _, m := range found {
		view.Rows = append(view.Rows, k.inboundRow(m))
	}
	return page(http.StatusOK, s.frame(c, "SMS from devices"), templates.InboundPage(view)), nil
}

// inboundChips are the filters that are on. Each leads to the box without it.
func inboundChips(c *gin.Context, q webhook.InboundQuery) (list []templates.Chip) {
	if q.Device != "" {
		list = append(list, templates.Chip{Name: "Device", Value: q.Device, ID: true, Href: withQuery("/sms", "box", "in", "unread", c.Query("unread"))})
	}
	if q.Unread {
		list = append(list, templates.Chip{Name: "Unread", Value: "only", Href: withQuery("/sms", "box", "in", "device", q.Device)})
	}
	return list
}

func (k clock) inboundRow(m webhook.Inbound) templates.InboundRow {
	row := templates.InboundRow{ID: strconv.FormatInt(m.ID, 10), At: k.at(m.Received), Stamped: k.at(m.At), Device: m.Device, Phone: m.Phone, To: m.To, Length: plural(len([]rune(m.Content)), "character"), PushHref: pushHref(m.Push), Push: strconv.FormatInt(m.Push, 10), Unread: m.Read.IsZero()}
	if m.Erased > 0 {
		row.Length = textErased
	}
	if m.Device != "" && cmp.ValidID(m.Device) {
		row.DeviceHref, row.TalkHref = deviceHref(m.Device), talkHref(m.Device)
	}
	if !row.Unread {
		row.ReadBy, row.ReadAt = m.ReadBy, k.at(m.Read)
	}
	return row
}
