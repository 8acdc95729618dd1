package ui

import (
	"math"
	"strconv"
)

// Chart is a row of bars over a scale. It is as wide as the room it gets: what lies across is given in percent, what
// stands up in pixels, so that its words are as large on a phone as elsewhere.
type Chart struct {
	Label  string // what a reader who cannot see it is told
	Lines  []ChartLine
	Bars   []ChartBar
	Labels []ChartText
}

// ChartLine is a line of the scale with its figure.
type ChartLine struct{ Y, TextY, Text string }

// ChartBar is one value; Title is its exact figure.
type ChartBar struct{ X, Y, Width, Height, Title string }

// ChartText is a word below the bars; a minor one is left out where there is little room.
type ChartText struct {
	X, Text string
	Minor   bool
}

// Point is one value of a chart. Name stands below it where there is room, Title appears on hover.
type Point struct {
	Value       float64
	Name, Title string
}

// The picture's measures.
const (
	chartTop, chartBottom = 20.0, 180.0
	chartLabels           = 8 // names below the bars, at most
	chartLines            = 4 // lines of the scale above zero, at most
)

// Bars lays points out as bars. Negative values have no bar.
func Bars(label string, points []Point) Chart {
	c := Chart{Label: label}
	highest := 0.0
	for _, p := range points {
		highest = max(highest, p.Value)
	}
	step := scaleStep(highest)
	top := max(step, math.Ceil(highest/step)*step)
	for v := 0.0; v <= top+step/2; v += step {
		y := chartBottom - v/top*(chartBottom-chartTop)
		c.Lines = append(c.Lines, ChartLine{Y: tenth(y), TextY: tenth(y + 4), Text: strconv.FormatFloat(v, 'g', 4, 64)})
	}
	slot := 100 / float64(max(len(points), 1))
	every := (len(points) + chartLabels - 1) / chartLabels
	for i, p := range points {
		x, height := float64(i)*slot, p.Value/top*(chartBottom-chartTop)
		if p.Value > 0 {
			height = max(height, 1) // a little is not nothing
			c.Bars = append(c.Bars, ChartBar{X: percent(x + slot*0.1), Y: tenth(chartBottom - height), Width: percent(slot * 0.8), Height: tenth(height), Title: p.Title})
		}
		if i%every == 0 {
			c.Labels = append(c.Labels, ChartText{X: percent(x + slot/2), Text: p.Name, Minor: len(c.Labels)%2 == 1})
		}
	}
	return c
}

// scaleStep is the smallest of 1, 2 and 5 times a power of ten that needs few lines.
func scaleStep(highest float64) float64 {
	if highest <= 0 || math.IsInf(highest, 0) || math.IsNaN(highest) {
		return 1
	}
	for power := math.Pow(10, math.Floor(math.Log10(highest))-1); ; power *= 10 {
		for _, factor := range []float64{1, 2, 5} {
			if step := factor * power; highest/step <= chartLines {
				return step
			}
		}
	}
}

func tenth(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 3, 64) + "%" }
