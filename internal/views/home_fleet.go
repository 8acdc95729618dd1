package views

import (
	"maps"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/mirror"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// stageOrder and statusOrder are how stages and statuses follow each other in tables; "?" is what the document does not name.
var (
	stageOrder  = []cmp.Lifecycle{cmp.LifecycleInternal, cmp.LifecycleInventory, cmp.LifecycleSilent, cmp.LifecycleUsage, cmp.LifecycleSuspended, cmp.LifecycleDisposal, "?"}
	statusOrder = []cmp.OrderStatus{cmp.StatusInUse, cmp.StatusSuspended, cmp.StatusNotEnabled, cmp.StatusEnded, "?", ""}
	statusTones = map[cmp.OrderStatus]string{cmp.StatusInUse: "good", cmp.StatusSuspended: "warn", cmp.StatusNotEnabled: "info", cmp.StatusEnded: "done", "?": "bad"}
)

// addFleet shows the fleet by stage and order status, how old that is, and what is wrong with the copy.
func (s *Server) addFleet(c *gin.Context, k clock, _ tally, view *templates.Home) error {
	t, err := s.Mirror.Totals(c.Request.Context())
	if err != nil {
		return err
	}
	view.Copy = s.copyNotice(k, t.Devices)
	view.Fleet = templates.Fleet{Devices: t.Devices, Read: k.at(t.Oldest), Ages: k.ages(t), Table: breakdown(t)}
	if t.Gone > 0 {
		view.Fleet.Gone, view.Fleet.GoneHref = plural(t.Gone, "device"), "/devices?gone=yes"
	}
	return nil
}

// age is when the oldest of the figures was confirmed.
func (n *counter) age(k clock) ui.Moment {
	t, err := n.mirror.Totals(n.ctx)
	if err != nil && n.err == nil {
		n.err = err
	}
	return k.at(t.Oldest)
}

// ages say how old figures of the mirror are: not all devices are confirmed at the same time.
func (k clock) ages(t mirror.Totals) string {
	if t.Oldest.IsZero() {
		return ""
	}
	if t.Oldest.Equal(t.Newest) {
		return "The CMP told of all these devices at " + k.at(t.Oldest).Text + "."
	}
	return "The CMP told of these devices between " + k.at(t.Oldest).Text + " and " + k.at(t.Newest).Text + "."
}

// breakdown lays the fleet out by stage and status. What no device has is left out.
func breakdown(t mirror.Totals) ui.SplitTable {
	table := ui.SplitTable{Label: "Devices by stage and by the status of their current order", First: "Stage", Total: "Devices"}
	seen, longest := map[cmp.OrderStatus]bool{}, 0
	for _, by := range t.By {
		sum := 0
		for status, n := range by {
			seen[status], sum = true, sum+n
		}
		longest = max(longest, sum)
	}
	var columns []cmp.OrderStatus
	for _, status := range statusOrder {
		if seen[status] {
			columns = append(columns, status)
			table.Columns = append(table.Columns, ui.SplitColumn{Word: statusColumn(status), Tone: statusTones[status]})
		}
	}
	for _, stage := range stageOrder {
		if by := t.By[stage]; len(by) > 0 {
			table.Rows = append(table.Rows, breakdownRow(stage, by, columns, table.Columns, longest))
		}
	}
	return table
}

func breakdownRow(stage cmp.Lifecycle, by map[cmp.OrderStatus]int, statuses []cmp.OrderStatus, columns []ui.SplitColumn, longest int) ui.SplitRow {
	part, sum := fleetList{}.stage(stage), 0
	for n := range maps.Values(by) {
		sum += n
	}
	row := ui.SplitRow{Badge: stageBadge(stage), Total: cell(sum, stageName(stage), part)}
	figures := make([]int, 0, len(statuses))
	for i, status := range statuses {
		figures = append(figures, by[status])
		row.Cells = append(row.Cells, cell(by[status], stageName(stage)+", "+columns[i].Word, part.status(status)))
	}
	row.Parts = ui.SplitParts(figures, columns, longest)
	return row
}

// cell is a figure that opens its list.
func cell(n int, what string, l fleetList) ui.SplitCell {
	return ui.SplitCell{Text: number(n), Label: plural(n, "device") + ": " + what, Href: l.href()}
}

func statusColumn(s cmp.OrderStatus) string {
	switch s {
	case "":
		return "No order"
	case "?":
		return "Other status"
	case cmp.StatusEnded:
		return "Ended"
	}
	return statusBadge(s).Word
}

func stageName(l cmp.Lifecycle) string { return stageBadge(l).Word }

// filling tells that the fleet is being read for the first time.
func (s *Server) filling() bool {
	st := s.Sync.Status()
	return st.Run != nil && st.Run.First
}

// partialNotice says that what is shown, found or counted may not be all.
func (s *Server) partialNotice() *templates.Notice {
	return &templates.Notice{Tone: "warn", Title: "The fleet has not been read whole yet.", Text: "What is shown are the devices that are known so far" + progressOf(s.Sync.Status()) + ". Others may be missing.", Href: "/sync", Link: "Fleet mirror"}
}

// copyNotice tells what one must know of the copy of the fleet before one believes its figures.
func (s *Server) copyNotice(k clock, devices int) *templates.Notice {
	st := s.Sync.Status()
	n := templates.Notice{}
	filling := s.filling() || st.Run == nil && len(st.Past) == 0
	if wrong := k.syncNotices(st); len(wrong) > 0 {
		n = wrong[0]
	} else if devices == 0 {
		n.Title, n.Text = "There is no copy of the fleet yet.", "It is filled in the background; figures appear as devices come in."
	} else if filling {
		n = *s.partialNotice()
	} else {
		return nil
	}
	n.Href, n.Link = "/sync", "Fleet mirror"
	return &n
}

// progressOf tells how far the present reading has come.
func progressOf(st mirror.Status) string {
	if st.Run == nil || st.Run.Pass.Total == 0 {
		return ""
	}
	return ": " + number(st.Run.Pass.Rows) + " of " + plural(st.Run.Pass.Total, "device") + " have been read"
}
