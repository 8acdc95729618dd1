package views

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// home shows what needs a person: changes in doubt first, then the lists that the CMP can count.
func (s *Server) home(c *gin.Context) (response, error) {
	k, who := s.clock(c), operator(c)
	doubts, err := s.Actions.Doubts(c.Request.Context())
	if err != nil {
		return nil, err
	}
	tasks, waiting, err := s.Actions.CountDoubts(c.Request.Context())
	if err != nil {
		return nil, err
	}
	tally := s.counts.read(c.Request.Context(), s.CMP, s.Now)
	view := templates.Home{Greeting: "Home", Work: workList(tasks, waiting, tally), Systems: s.systems(k, tally)}
	for _, d := range doubts {
		rule, _ := ops.RuleOf(d.Verb)
		view.Doubts = append(view.Doubts, templates.ActivityRow{At: k.at(d.Dispatched), Who: d.Actor, What: actionWord(rule.Audit), Reason: d.Reason, OrderID: subjectID(d), OrderHref: subjectHref(d), Outcome: taskBadge(d), SettleHref: settleHref(who.Identity, d)})
	}
	if who.Can(auth.SystemManage) {
		view.SystemHref = "/system"
	}
	mine := audit.Filter{Actor: who.Name}
	view.MineHref, view.TodayHref = "/audit", withQuery("/audit", "from", k.now.In(k.zone).Format(time.DateOnly))
	if who.Can(auth.AuditRead) {
		mine, view.All, view.MineHref = audit.Filter{}, true, withQuery("/audit", "actor", who.Name)
	}
	view.Mine, err = s.activity(c, mine)
	if err != nil {
		return nil, err
	}
	return page(http.StatusOK, s.frame(c, "Home"), templates.HomePage(view)), nil
}

// workList is what waits, first what only a person can settle.
func workList(tasks, waiting int, t tally) []templates.WorkItem {
	items := []templates.WorkItem{
		{Icon: "circle-alert", Tone: "bad", Label: "To settle by hand", Note: "reads cannot tell what became of it", Count: number(tasks), Href: "#doubts"},
		{Icon: "circle-help", Tone: "bad", Label: "Outcome unknown", Note: "waiting to be settled by reads", Count: number(waiting), Href: "#doubts"},
		{Icon: "circle-pause", Tone: "warn", Label: "Suspended orders", Note: "service stopped until restarted", Count: t.text(cmp.StatusSuspended), Href: "/orders?status=5"},
		{Icon: "circle-dashed", Tone: "calm", Label: "Orders not enabled", Note: "waiting to be opened or cancelled", Count: t.text(cmp.StatusNotEnabled), Href: "/orders?status=1"},
		{Icon: "circle-check", Tone: "calm", Label: "Orders in use", Note: "running: nothing to do", Count: t.text(cmp.StatusInUse), Href: "/orders?status=2"},
	}
	for i, n := range []int{tasks, waiting} {
		if n == 0 {
			items[i].Tone, items[i].Href = "calm", ""
		}
	}
	return items
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
