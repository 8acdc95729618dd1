package views

import (
	"cmpconsole/web/templates/ui"
)

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
		windows := []window{k.past(), k.within(monthDays), from(k.today().AddDate(0, 0, monthDays+1)), undated()}
		row := ui.SplitRow{Badge: stageBadge(stage), Note: shareOf(counts[i], all).Text, Total: cell(counts[i], stageName(stage), part)}
		var figures []int
		for j, w := range windows {
			figures = append(figures, n.of(part.ends(w)))
			row.Cells = append(row.Cells, cell(figures[j], stageName(stage)+", "+endColumns[j].Word, part.ends(w)))
		}
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

// timeRow is a stretch of days.
type timeRow struct {
	name    string
	window  window
	figures []int
}

// byMonth lays out what ends in each of the coming months, before today, after that, and what has no date.
func (k clock) byMonth(n *counter, t timetable, months int) ui.SplitTable {
	table := ui.SplitTable{Label: t.label, First: "Month", Total: "Devices"}
	for _, c := range t.columns {
		table.Columns = append(table.Columns, ui.SplitColumn{Word: c.word, Tone: c.tone})
	}
	rows := k.timeRows(months)
	longest := 0
	for i := range rows {
		for _, c := range t.columns {
			rows[i].figures = append(rows[i].figures, n.of(t.in(c.part, rows[i].window)))
		}
		longest = max(longest, sum(rows[i].figures))
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
	rows := []timeRow{{name: "Before today", window: k.past()}}
	for i := range months {
		begin := first.AddDate(0, i, 0)
		w := between(begin, begin.AddDate(0, 1, -1))
		name := begin.Format("Jan 2006")
		if w.text = begin.Format("2006-01"); i == 0 {
			w, name = between(today, begin.AddDate(0, 1, -1)), "Rest of "+name
		}
		rows = append(rows, timeRow{name: name, window: w})
	}
	return append(rows, timeRow{name: "Later", window: from(first.AddDate(0, months, 0))}, timeRow{name: "No date told", window: undated()})
}

func (t timetable) row(r timeRow, columns []ui.SplitColumn, longest int) ui.SplitRow {
	total := sum(r.figures)
	row := ui.SplitRow{Name: r.name, Total: cell(total, r.name, t.in(t.all, r.window)), Parts: ui.SplitParts(r.figures, columns, longest), Quiet: total == 0}
	for i, c := range t.columns {
		row.Cells = append(row.Cells, cell(r.figures[i], r.name+", "+c.word, t.in(c.part, r.window)))
	}
	return row
}

func sum(figures []int) (n int) {
	for _, f := range figures {
		n += f
	}
	return n
}
