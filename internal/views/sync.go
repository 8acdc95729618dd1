package views

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/web/templates"
)

// showSync shows how the copy of the fleet is kept.
func (s *Server) showSync(c *gin.Context) (response, error) {
	totals, err := s.Mirror.Totals(c.Request.Context())
	if err != nil {
		return nil, err
	}
	view := s.clock(c).syncView(s.Sync.Status(), totals)
	view.CSRF = operator(c).CSRF
	view.Watch = watch(c, "/sync", "sync-notices sync-state sync-since sync-reading sync-do sync-facts sync-past", "sync")
	if !operator(c).Can(auth.SyncManage) {
		view.CanStart, view.CanStop, view.CanAccept = false, false, false
	}
	return page(http.StatusOK, s.frame(c, "Fleet mirror"), templates.SyncPage(view)), nil
}

// startSync has the fleet read, or lets what was stopped go on.
func (s *Server) startSync(c *gin.Context) (response, error) {
	accept := c.PostForm("accept") == "yes"
	var detail []audit.Field
	if accept {
		detail = []audit.Field{{Key: "missing_accepted", Value: "yes"}}
	}
	return s.syncSwitched(c, audit.SyncStart, detail, s.Sync.Start(c.Request.Context(), operator(c).Name, accept))
}

// stopSync lets nothing be read any more until somebody starts it.
func (s *Server) stopSync(c *gin.Context) (response, error) {
	return s.syncSwitched(c, audit.SyncStop, nil, s.Sync.Stop(c.Request.Context(), operator(c).Name))
}

func (s *Server) syncSwitched(c *gin.Context, action audit.Action, detail []audit.Field, err error) (response, error) {
	e := operator(c).Entry(action, audit.Event)
	e.Outcome, e.Detail = audit.OK, detail
	if err != nil {
		e.Outcome = audit.Failed
	}
	_ = s.record(c, e) // reading changes nothing at the CMP, so it goes on without
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The local copy takes no writes, so nothing was started or stopped. "+mirrorAdvice)
	}
	return seeOther("/sync"), nil
}
