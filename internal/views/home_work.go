package views

import (
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// The windows of the work list.
const (
	soonDays   = 7  // days
	monthDays  = 30 // days
	failedDays = 7
	staleText  = "24h"
	staleAge   = 24 * time.Hour
)

// addWork fills the work list, ordered by what the operator is there for: support meets doubts and failures first,
// account managers expiry and quota. Whoever is both is asked about doubts first, because those wait for nobody else.
func (s *Server) addWork(c *gin.Context, k clock, t tally, view *templates.Home) error {
	doubts, err := s.doubtGroup(c, k)
	if err != nil {
		return err
	}
	n := &counter{ctx: c.Request.Context(), mirror: s.Mirror, today: k.today(), days: monthDays + 1}
	orders, stages := k.orderGroup(n, t), k.stageGroup(n)
	doubts.Items = append(doubts.Items, k.staleItem(n))
	if n.err != nil {
		return n.err
	}
	switch roles := operator(c).Roles; {
	case slices.Contains(roles, auth.Support):
		view.Order = "Doubts and failures come first, for support"
	case slices.Contains(roles, auth.Manager):
		view.Work, view.Order = [][]templates.WorkGroup{{orders}, {stages, doubts}}, "Quota and expiry come first, for account managers"
		return nil
	default:
		view.Order = "Doubts and failures come first"
	}
	view.Work = [][]templates.WorkGroup{{doubts, stages}, {orders}}
	return nil
}

// doubtGroup is what went wrong, or may have, as our own database knows it.
func (s *Server) doubtGroup(c *gin.Context, k clock) (templates.WorkGroup, error) {
	g := templates.WorkGroup{ID: "doubts-work", Title: "Doubts and failures", Read: k.read(k.now)}
	tasks, waiting, err := s.Actions.CountDoubts(c.Request.Context())
	if err != nil {
		return g, err
	}
	failed, err := s.Actions.CountMessages(c.Request.Context(), ops.MessageQuery{Failed: true, Since: k.now.AddDate(0, 0, -failedDays)})
	g.Items = []templates.WorkItem{
		work("circle-alert", "bad", "To settle by hand", "reads cannot tell what became of it", tasks, "#doubts"),
		work("circle-help", "bad", "Outcome unknown", "waiting to be settled by reads", waiting, "#doubts"),
		work("message-square", "bad", "SMS that failed", "of the last "+plural(failedDays, "day")+", as far as the CMP was asked", failed, withQuery("/sms", "report", "failed", "days", strconv.Itoa(failedDays))),
	}
	for i := range g.Items[:2] {
		if g.Items[i].Count == "0" {
			g.Items[i].Href = "" // there is no such list
		}
	}
	return g, err
}

// orderGroup is about what devices have ordered. What the CMP's device list leaves out is counted by the CMP itself.
func (k clock) orderGroup(n *counter, t tally) templates.WorkGroup {
	all := fleetList{}
	g := templates.WorkGroup{ID: "orders-work", Title: "Quota, expiry and service", Read: n.age(k)}
	g.Items = []templates.WorkItem{
		n.item("circle-x", "bad", "Over quota", "100 % of the allowance and more", all.running().used(100)),
		n.item("gauge", "warn", "Almost used up", "80 % and more, with those above", all.running().used(80)),
		n.item("hourglass", "warn", "Expire within "+plural(soonDays, "day"), "orders in use or suspended", all.running().expires(k.within(soonDays))),
		n.item("calendar", "calm", "Expire within "+plural(monthDays, "day"), "with those above", all.running().expires(k.within(monthDays))),
		n.item("circle-pause", "warn", "Suspended orders", "service stopped until restarted", all.status(cmp.StatusSuspended)),
		{Icon: "circle-dashed", Tone: "calm", Label: "Orders not enabled", Note: k.countedAt(t), Count: t.text(), Href: "/orders?status=1"},
	}
	return g
}

// countedAt says how old what the CMP itself has counted is.
func (k clock) countedAt(t tally) string {
	if t.at.IsZero() {
		return "waiting to be opened or cancelled; the CMP could not count them"
	}
	return "to be opened or cancelled; the CMP counted at " + k.at(t.at).Text
}

// stageGroup is about stages that will be over soonDays, and what follows then.
func (k clock) stageGroup(n *counter) templates.WorkGroup {
	ending := fleetList{}.ends(k.within(monthDays))
	return templates.WorkGroup{ID: "stages-work", Title: "Ending within " + plural(monthDays, "day"), Read: n.age(k), Items: []templates.WorkItem{
		n.item("moon", "warn", "Silent period", "the usage period follows by itself", ending.stage(cmp.LifecycleSilent)),
		n.item("activity", "warn", "Usage", "suspended service follows", ending.stage(cmp.LifecycleUsage)),
		n.item("ban", "bad", "Suspended service", "disposal follows, for good", ending.stage(cmp.LifecycleSuspended)),
	}}
}

// staleItem counts what the figures may be wrong about.
func (k clock) staleItem(n *counter) templates.WorkItem {
	return n.item("refresh-cw", "warn", "Not confirmed for 24 hours", "devices of which the copy may be out of date", fleetList{}.stale(k.now, staleText, staleAge))
}

func work(icon, tone, label, note string, count int, href string) templates.WorkItem {
	if count == 0 {
		tone = "calm"
	}
	return templates.WorkItem{Icon: icon, Tone: tone, Label: label, Note: note, Count: number(count), Href: href}
}

// item is a line that opens the list that it counts. With no fleet to count there is nothing to say.
func (n *counter) item(icon, tone, label, note string, l fleetList) templates.WorkItem {
	if n.mirror.Known() == 0 {
		return templates.WorkItem{Icon: icon, Tone: "calm", Label: label, Note: note, Count: "–"}
	}
	return work(icon, tone, label, note, n.of(l), l.href())
}
