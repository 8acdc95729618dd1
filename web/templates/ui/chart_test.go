package ui

import (
	"strconv"
	"strings"
	"testing"
)

func numberOf(t *testing.T, text string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Bars stand on the base line, none leaves the picture, and their heights are to the scale of its lines.
func TestBars(t *testing.T) {
	t.Parallel()
	for _, values := range [][]float64{{1, 2, 4}, {0, 0.003}, {1e9, 1}, {7}, {0, 0}, {}, {-1, 3}} {
		var points []Point
		for _, v := range values {
			points = append(points, Point{Value: v, Name: "n", Title: "t"})
		}
		c := Bars("label", points)
		top := c.Lines[len(c.Lines)-1]
		if n := len(c.Lines); n < 2 || n > chartLines+2 || numberOf(t, top.Y) != chartTop || numberOf(t, c.Lines[0].Y) != chartBottom {
			t.Errorf("%v: lines %+v", values, c.Lines)
		}
		i := 0
		for _, v := range values {
			if v <= 0 {
				continue
			}
			b := c.Bars[i]
			i++
			want := max(1, v/numberOf(t, top.Text)*(chartBottom-chartTop))
			if h := numberOf(t, b.Height); h < want-0.1 || h > want+0.1 || numberOf(t, b.Y)+h < chartBottom-0.2 || numberOf(t, b.X) < 0 || numberOf(t, b.X)+numberOf(t, b.Width) > 100 {
				t.Errorf("%v: %+v, want a height of %.1f", values, b, want)
			}
		}
		if i != len(c.Bars) {
			t.Errorf("%v: %d bars", values, len(c.Bars))
		}
	}
}

func TestAYearHasFewNames(t *testing.T) {
	t.Parallel()
	if c := Bars("", make([]Point, 180)); len(c.Labels) > chartLabels || len(c.Bars) != 0 {
		t.Errorf("%d names", len(c.Labels))
	}
}
