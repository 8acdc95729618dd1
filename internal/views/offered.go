package views

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/web/templates"
)

const notOfferedText = "Your CMP installation does not offer this, so there is nothing to show. If it should, an administrator can look at the setting CMP_MISSING."

// standsOn are the calls without which a page makes no sense; one of several is enough. The actions on orders are
// not among them: ops says of each whether the CMP offers it.
var standsOn = map[string][]string{
	"/devices/:id/usage":        {cmp.CallCDRs, cmp.CallCDRsByAPN},
	"/devices/:id/usage/export": {cmp.CallCDRs, cmp.CallCDRsByAPN},
	"/devices/:id/session":      {cmp.CallLive},
	"/devices/:id/sms/records":  {cmp.CallSMSRecords},
	"/devices/:id/imei":         {cmp.CallBindings},
	"/devices/:id/imei/bind":    {cmp.CallBind},
	"/devices/:id/imei/unbind":  {cmp.CallBind},
	"/packages":                 {cmp.CallPackages},
	"/packages/refresh":         {cmp.CallPackages},
	"/packages/:code":           {cmp.CallPackages},
	"/orders/new":               {cmp.CallBuy},
	"/sms/new":                  {cmp.CallSendSMS},
	"/sms/templates":            {cmp.CallSendSMS},
}

// offered tells whether the CMP has what a row of the table needs.
func (s *Server) offered(path string) bool {
	calls := standsOn[path]
	return len(calls) == 0 || slices.ContainsFunc(calls, s.CMP.Has)
}

// notOffered answers in the place of a page that the CMP has nothing for. A tab of a device stays one.
func (s *Server) notOffered(c *gin.Context, r route) {
	if r.method != get {
		s.fail(c, fault.New(fault.NotOffered, notOfferedText))
		return
	}
	id, tab := c.Param("id"), strings.TrimPrefix(r.path, "/devices/:id")
	i := slices.IndexFunc(deviceTabs, func(t deviceTab) bool { return t.path == tab })
	if i < 0 || !cmp.ValidID(id) {
		page(http.StatusOK, s.frame(c, "Not offered"), templates.NotOffered(nil, notOfferedText))(c)
		return
	}
	head := s.bareHead(c, id, deviceTabs[i].label)
	page(http.StatusOK, s.deviceFrame(c, id, deviceTabs[i].label+" of "+id), templates.NotOffered(&head, notOfferedText))(c)
}
