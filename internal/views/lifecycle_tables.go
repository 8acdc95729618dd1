package views

import (
	"time"

	"cmpconsole/web/templates/ui"
)

// endOfTime bounds lists of all that comes later.
var endOfTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// endColumns are when the stage of a device ends.
var endColumns = []ui.SplitColumn{{Word: "Overdue", Tone: "bad"}, {Word: "In 30 days", Tone: "warn"}, {Word: "Later", Tone: "soft"}, {Word: "No end told"}}

// byStage lays a part of the fleet out by stage, and each stage by when it ends.
func (k clock) byStage(n *counter, fleet fleetList) ui.SplitTable {
	t := ui.SplitTable{Label: "Devices by stage and by when it ends", First: "Stage", Total: "Devices", Columns: endColumns}
	all, longest := n.of(fleet), 0
	counts := map[int]int{}
	for i, stage := range stageOrder {
		counts[i] = n.of(fleet.stage(stage))
		longest = max(longest, counts[i])
	}
	for i, stage := range stageOrder {
		if counts[i] == 0 {
			continue
		}
		part := fleet.stage(stage)
		later := between(k.today().AddDate(0, 0, monthDays+1), endOfTime)
		over, near, far := n.of(part.ends(k.past())), n.of(part.ends(k.within(monthDays))), n.of(part.ends(later))
		row := ui.SplitRow{Badge: stageBadge(stage), Note: shareOf(counts[i], all).Text, Total: cell(counts[i], stageName(stage), part)}
		figures := []int{over, near, far, counts[i] - over - near - far}
		for j, w := range []window{k.past(), k.within(monthDays), later} {
			row.Cells = append(row.Cells, cell(figures[j], stageName(stage)+", "+endColumns[j].Word, part.ends(w)))
		}
		row.Cells = append(row.Cells, ui.SplitCell{Text: number(figures[3])})
		row.Parts = ui.SplitParts(figures, endColumns, longest)
		t.Rows = append(t.Rows, row)
	}
	return t
}

// timetable counts by the month of a date.
type timetable struct {
	label   string
	in      func(fleetList, window) fleetList // narrows to days
	all     fleetList
	columns []timeColumn
}

// timeColumn is a part of what a timetable counts.
type timeColumn struct {
	word, tone string
	part       fleetList
}

// timeRow is a stretch of days; without a window it is all that has no date.
type timeRow struct {
	name    string
	window  *window
	figures []int
}

// byMonth lays out what ends in each of the coming months, before today, after that, and what has no date.
func (k clock) byMonth(n *counter, t timetable, months int) ui.SplitTable {
	table := ui.SplitTable{Label: t.label, First: "Month", Total: "Devices"}
	for _, c := range t.columns {
		table.Columns = append(table.Columns, ui.SplitColumn{Word: c.word, Tone: c.tone})
	}
	rows := k.timeRows(months)
	for _, c := range t.columns {
		n.fill(rows, t, c.part)
	}
	longest := 0
	for _, r := range rows {
		longest = max(longest, sum(r.figures))
	}
	for _, r := range rows {
		table.Rows = append(table.Rows, t.row(r, table.Columns, longest))
	}
	return table
}

// timeRows are the stretches of days, in their order.
func (k clock) timeRows(months int) []timeRow {
	today := k.today()
	first := today.AddDate(0, 0, 1-today.Day())
	rows := []timeRow{{name: "Before today", window: new(k.past())}}
	for i := range months {
		begin := first.AddDate(0, i, 0)
		w := between(begin, begin.AddDate(0, 1, -1))
		name := begin.Format("Jan 2006")
		if w.text = begin.Format("2006-01"); i == 0 {
			w, name = between(today, begin.AddDate(0, 1, -1)), "Rest of "+name
		}
		rows = append(rows, timeRow{name: name, window: &w})
	}
	later := between(first.AddDate(0, months, 0), endOfTime)
	return append(rows, timeRow{name: "Later", window: &later}, timeRow{name: "No date told"})
}

// fill adds a column's figures to the rows. What is in no stretch of days has no date.
func (n *counter) fill(rows []timeRow, t timetable, part fleetList) {
	rest := n.of(part)
	for i := range rows {
		figure := rest
		if w := rows[i].window; w != nil {
			figure = n.of(t.in(part, *w))
			rest -= figure
		}
		rows[i].figures = append(rows[i].figures, figure)
	}
}

func (t timetable) row(r timeRow, columns []ui.SplitColumn, longest int) ui.SplitRow {
	total := sum(r.figures)
	row := ui.SplitRow{Name: r.name, Total: ui.SplitCell{Text: number(total)}, Parts: ui.SplitParts(r.figures, columns, longest), Quiet: total == 0}
	if r.window != nil {
		row.Total = cell(total, r.name, t.in(t.all, *r.window))
	}
	for i, c := range t.columns {
		figure := ui.SplitCell{Text: number(r.figures[i])}
		if r.window != nil {
			figure = cell(r.figures[i], r.name+", "+c.word, t.in(c.part, *r.window))
		}
		row.Cells = append(row.Cells, figure)
	}
	return row
}

func sum(figures []int) (n int) {
	for _, f := range figures {
		n += f
	}
	return n
}
