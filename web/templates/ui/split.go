package ui

import "strconv"

// SplitTable is a chart and its table in one: a row has a bar that is split as its cells are, and all figures are
// links to what they count.
type SplitTable struct {
	Label   string // what is counted, for those who do not see the bars
	First   string // heads the names of the rows
	Total   string // heads what the cells of a row add up to
	Columns []SplitColumn
	Rows    []SplitRow
}

// SplitColumn is one sort of what is counted. Tone is its colour in the bars: good, warn, bad, info, done or "".
type SplitColumn struct{ Word, Tone string }

// SplitRow is one line. Name stands where there is no badge; one that counts nothing is quiet.
type SplitRow struct {
	Badge      Badge
	Name, Note string
	Total      SplitCell
	Cells      []SplitCell
	Parts      []SplitPart
	Quiet      bool
}

// SplitCell is a figure and the address of what it counts; Label says both in words.
type SplitCell struct{ Text, Label, Href string }

// SplitPart is a stretch of a bar, in hundredths of the room that bars have.
type SplitPart struct{ X, Width, Tone string }

// SplitParts lays the figures of a row out as a bar beside the longest one.
func SplitParts(figures []int, columns []SplitColumn, longest int) []SplitPart {
	var parts []SplitPart
	x := 0.0
	for i, n := range figures {
		if n <= 0 || longest <= 0 || x >= 100 {
			continue
		}
		width := min(max(float64(n)/float64(longest)*100, 0.5), 100-x) // a little is not nothing
		parts = append(parts, SplitPart{X: hundredth(x), Width: hundredth(width), Tone: columns[i].Tone})
		x += width
	}
	return parts
}

func hundredth(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }
