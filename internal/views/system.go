package views

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// showSystem shows what keeps changes from being sent, or does not, with the switches for it.
func (s *Server) showSystem(c *gin.Context) (response, error) {
	return s.systemPage(c, http.StatusOK, templates.System{}), nil
}

// setReadOnly closes the console for changes, or opens it again.
func (s *Server) setReadOnly(c *gin.Context) (response, error) {
	reason := strings.TrimSpace(c.PostForm("reason"))
	err := s.Gate.SetReadOnly(c.Request.Context(), operator(c), c.PostForm("closed") == "yes", reason)
	return s.switched(c, templates.System{Reason: reason}, err)
}

// acceptBreak lets changes through although the log does not verify.
func (s *Server) acceptBreak(c *gin.Context) (response, error) {
	reason := strings.TrimSpace(c.PostForm("accept_reason"))
	err := s.Gate.AcceptBreak(c.Request.Context(), operator(c), c.PostForm("mark"), reason)
	return s.switched(c, templates.System{AcceptReason: reason}, err)
}

// switched goes back to the page, with what was typed when it was not taken.
func (s *Server) switched(c *gin.Context, view templates.System, err error) (response, error) {
	if err == nil {
		return seeOther("/system"), nil
	}
	f := classify(err)
	if view.AcceptReason != "" || c.FullPath() == "/system/accept" {
		view.AcceptError = f.Message
	} else {
		view.ReasonError = f.Message
	}
	c.Set(keyCause, err)
	return s.systemPage(c, problems[f.Kind].status, view), nil
}

func (s *Server) systemPage(c *gin.Context, status int, view templates.System) response {
	now, k := s.Gate.Status(c.Request.Context()), s.clock(c)
	view.CSRF, view.Fixed, view.Broken, view.Mark = operator(c).CSRF, now.Fixed, now.Broken, now.Mark
	view.State = templates.Notice{Tone: "good", Title: "Changes are sent.", Text: "Operators may act on orders, cards and messages as far as their roles allow."}
	if now.Closed != "" {
		view.State = templates.Notice{Tone: "bad", Title: "No change is sent.", Text: now.Closed}
	}
	view.Closed = now.ReadOnly.Value != ""
	view.LastSet, view.Accepted = k.lastSet(now.ReadOnly), k.lastSet(now.Accepted)
	if !now.Known {
		view.Accepted = nil
	}
	if left, err := s.Eraser.Freeing(c.Request.Context()); err == nil && left.Ever() { // else the state says that the database does not answer
		freed := k.freeing(left, !left.Owed)
		view.Freed = &freed
	}
	return page(status, s.frame(c, "System"), templates.SystemPage(view))
}

// lastSet tells who set a switch last, nil when nobody ever did.
func (k clock) lastSet(w ops.Switch) *templates.SetBy {
	if w.Actor == "" {
		return nil
	}
	return &templates.SetBy{Who: w.Actor, Reason: w.Reason, At: k.stamp(w.At)}
}

// closedNotice stands on every page while no change is sent.
func (s *Server) closedNotice(c *gin.Context, id auth.Identity) *templates.Notice {
	why := s.Gate.Status(c.Request.Context()).Closed
	if why == "" {
		return nil
	}
	n := &templates.Notice{Tone: "bad", Title: "Read-only.", Text: why}
	if id.Can(auth.SystemManage) {
		n.Href, n.Link = "/system", "Look at it"
	}
	return n
}
