package views

import (
	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates"
)

// deviceTabs are the pages of one device, in the order in which they are offered.
var deviceTabs = []struct{ label, path string }{
	{"Overview", ""}, {"Usage", "/usage"}, {"Session", "/session"}, {"SMS", "/sms"}, {"IMEI", "/imei"},
}

// bareHead is the head of a device's page that could not, or need not, be read.
func (s *Server) bareHead(c *gin.Context, id, tab string) templates.DeviceHead {
	head := templates.DeviceHead{ID: id}
	for _, t := range deviceTabs {
		head.Tabs = append(head.Tabs, templates.Link{Label: t.label, Href: deviceHref(id) + t.path, Current: t.label == tab})
	}
	if tab == "Overview" {
		head.RefreshAction, head.CSRF = deviceHref(id)+"/refresh", operator(c).CSRF
	}
	return head
}

// deviceHead stays on top of all pages of a device: what it is, in which stage, and whether it can be used.
func (s *Server) deviceHead(c *gin.Context, d cmp.Device, tab string) templates.DeviceHead {
	head := s.bareHead(c, d.ID, tab)
	head.Lifecycle, head.Read = stageBadge(d.Lifecycle), s.clock(c).read(s.Now())
	if o, ok := d.Current(); ok {
		badge := statusBadge(o.Status)
		head.Status = &badge
	}
	return head
}

func (s *Server) deviceFrame(c *gin.Context, id, title string) templates.Page {
	return s.frame(c, title, templates.Crumb{Label: "Devices", Href: "/devices"}, templates.Crumb{Label: id, ID: true})
}
