package views

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// home shows what needs a person: a list of numbers that open their lists, the fleet by stage, and what was done last.
func (s *Server) home(c *gin.Context) (response, error) {
	k, who := s.clock(c), operator(c)
	view := templates.Home{Greeting: "Home", Watch: watch(c, "/", "home-copy home-work home-fleet home-doubts home-mine home-systems", "work")}
	view.Watch.Every = "60" // the fleet moves all the time, and nobody tells of each device here
	t := s.counts.read(c.Request.Context(), s.CMP, s.Now)
	quiet, err := s.quietFacts(c, k)
	if err != nil {
		return nil, err
	}
	view.Systems = append(s.systems(k, t), quiet...)
	if who.Can(auth.SystemManage) {
		view.SystemHref = "/system"
	}
	for _, add := range []func(*gin.Context, clock, tally, *templates.Home) error{s.addWork, s.addFleet, s.addDoubts, s.addMine} {
		if err := add(c, k, t, &view); err != nil {
			return nil, err
		}
	}
	return page(http.StatusOK, s.frame(c, "Home"), templates.HomePage(view)), nil
}

// addDoubts lists the changes of which nobody knows what became.
func (s *Server) addDoubts(c *gin.Context, k clock, _ tally, view *templates.Home) error {
	doubts, err := s.Actions.Doubts(c.Request.Context())
	if err != nil {
		return err
	}
	for _, d := range doubts {
		rule, _ := ops.RuleOf(d.Verb)
		view.Doubts = append(view.Doubts, templates.ActivityRow{At: k.at(d.Dispatched), Who: d.Actor, What: actionWord(rule.Audit), Reason: d.Reason, OrderID: subjectID(d), OrderHref: subjectHref(d), Outcome: taskBadge(d), SettleHref: settleHref(operator(c).Identity, d)})
	}
	return nil
}

// addMine lists what the operator did last, or what everybody did for those who may read the whole log.
func (s *Server) addMine(c *gin.Context, k clock, _ tally, view *templates.Home) (err error) {
	who := operator(c)
	mine := audit.Filter{Actor: who.Name}
	view.MineHref, view.TodayHref = "/audit", withQuery("/audit", "from", k.now.In(k.zone).Format(time.DateOnly))
	if who.Can(auth.AuditRead) {
		mine, view.All, view.MineHref = audit.Filter{}, true, withQuery("/audit", "actor", who.Name)
	}
	view.Mine, err = s.activity(c, mine)
	return err
}

// systems tells how the parts behind the console do, each with its age.
func (s *Server) systems(k clock, t tally) []templates.Fact {
	health := s.CMP.Health()
	upstream := templates.Fact{Name: "CMP", Value: "not called yet"}
	switch {
	case !health.NotBefore.IsZero():
		upstream = templates.Fact{Name: "CMP", Value: "not asked until " + k.at(health.NotBefore).Text, Note: "it did not answer the last reads"}
	case health.OK:
		upstream = templates.Fact{Name: "CMP", Value: "answered in " + number(int(health.Latency.Milliseconds())) + " ms", Note: k.at(health.At).Text}
	case !health.At.IsZero():
		upstream = templates.Fact{Name: "CMP", Value: "the last call failed", Note: k.at(health.At).Text}
	}
	return []templates.Fact{upstream, k.counted(t), k.mirrorFact(s.Sync.Status(), s.Mirror.Known()), {Name: "Audit log", Value: s.ChainState().Text}}
}

// counted tells how old the counts are, and that they are old because the CMP could not be asked again.
func (k clock) counted(t tally) templates.Fact {
	f := templates.Fact{Name: "Counted", Value: "not yet"}
	switch {
	case !t.at.IsZero():
		f.Value = k.at(t.at).Text
	case t.failed:
		f.Value = "not possible"
	}
	if t.failed {
		f.Note = "the try at " + k.at(t.tried).Text + " failed"
	}
	return f
}
