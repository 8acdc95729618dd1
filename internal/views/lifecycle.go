package views

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/mirror"
	"cmpconsole/web/templates"
)

// lifecycleQuery says of which devices, and how many months ahead, the page tells.
type lifecycleQuery struct {
	partner, pack string
	months        int
}

func lifecycleQueryOf(c *gin.Context) (lifecycleQuery, error) {
	q := lifecycleQuery{partner: c.Query("partner"), pack: c.Query("package")}
	var err error
	if q.months, err = strconv.Atoi(c.DefaultQuery("months", "12")); err != nil || q.months < 1 || q.months > 60 {
		return q, fault.New(fault.Invalid, "The months to look ahead are not given as a number from 1 to 60.")
	}
	return q, nil
}

func (q lifecycleQuery) pairs() []string {
	months := strconv.Itoa(q.months)
	if q.months == 12 {
		months = ""
	}
	return []string{"partner", q.partner, "package", q.pack, "months", months}
}

// fleet is the part of the fleet that the page is about.
func (q lifecycleQuery) fleet() fleetList {
	l := fleetList{}
	if q.partner != "" {
		l = l.and("partner", q.partner, func(f *mirror.Filter) { f.Partner = q.partner })
	}
	if q.pack != "" {
		l = l.and("package", q.pack, func(f *mirror.Filter) { f.Packages = []string{q.pack} })
	}
	return l
}

// showLifecycle shows the fleet by stage, and by the months in which stages and orders end.
func (s *Server) showLifecycle(c *gin.Context) (response, error) {
	q, err := lifecycleQueryOf(c)
	if err != nil {
		return nil, err
	}
	k, fleet := s.clock(c), q.fleet()
	n := &counter{ctx: c.Request.Context(), mirror: s.Mirror, whole: fleet, today: k.today(), days: 31 * (q.months + 1)}
	totals, err := s.Mirror.Totals(c.Request.Context())
	if err != nil {
		return nil, err
	}
	view := templates.Lifecycle{
		Copy: s.copyNotice(k, totals.Devices), Known: totals.Devices > 0, Devices: n.of(fleet), Read: k.at(totals.Oldest), Ages: k.ages(totals),
		Stages: k.byStage(n, fleet), Zone: zoneAssumed,
		Endings:  k.byMonth(n, stagesEnding(fleet), q.months),
		Expiries: k.byMonth(n, ordersExpiring(fleet), q.months),
	}
	s.lifecycleChoices(q, &view)
	if n.err != nil {
		return nil, n.err
	}
	return page(http.StatusOK, s.frame(c, "Lifecycle"), templates.LifecyclePage(view)), nil
}

// lifecycleChoices offers the partners and packages that there are, and how far one may look ahead.
func (s *Server) lifecycleChoices(q lifecycleQuery, view *templates.Lifecycle) {
	view.Partners, view.Packages = []templates.Option{{Label: "All"}}, []templates.Option{{Label: "All"}}
	for _, p := range s.Mirror.Partners() {
		view.Partners = append(view.Partners, choice(p.Code, p.Name, p.Devices, q.partner))
	}
	for _, p := range s.Mirror.Packages() {
		view.Packages = append(view.Packages, choice(p.Code, p.Name, p.Devices, q.pack))
	}
	view.Chips = chips("/lifecycle", []filter{{"partner", "Partner", q.partner, false}, {"package", "Package", q.pack, false}})
	for _, months := range []int{12, 24} {
		other := q
		other.months = months
		view.Spans = append(view.Spans, templates.Link{Label: plural(months, "month"), Href: withQuery("/lifecycle", other.pairs()...), Current: q.months == months})
	}
	if q.months != 12 {
		view.Months = strconv.Itoa(q.months)
	}
}

func choice(code, name string, devices int, chosen string) templates.Option {
	label := code
	if name != "" {
		label = name + " · " + code
	}
	return templates.Option{Value: code, Label: label + " (" + number(devices) + ")", Selected: code == chosen}
}

// stagesEnding are the stages that run out, and what they turn into then. Nothing runs out in inventory or disposal.
func stagesEnding(fleet fleetList) timetable {
	t := timetable{label: "Devices by the month in which their stage ends", in: fleetList.ends,
		all: fleet.stages("1,2,3", cmp.LifecycleSilent, cmp.LifecycleUsage, cmp.LifecycleSuspended)}
	t.columns = []timeColumn{{"Silent", "soft", fleet.stage(cmp.LifecycleSilent)}, {"Usage", "info", fleet.stage(cmp.LifecycleUsage)}, {"Suspended", "warn", fleet.stage(cmp.LifecycleSuspended)}}
	return t
}

// ordersExpiring are the current orders that devices run on.
func ordersExpiring(fleet fleetList) timetable {
	t := timetable{label: "Devices by the month in which their order expires", in: fleetList.expires, all: fleet.running()}
	for _, status := range []cmp.OrderStatus{cmp.StatusInUse, cmp.StatusSuspended} {
		t.columns = append(t.columns, timeColumn{statusColumn(status), statusTones[status], fleet.status(status)})
	}
	return t
}
