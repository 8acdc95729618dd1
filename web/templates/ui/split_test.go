package ui

import "testing"

// Bars are as long as their figures beside the longest, a little is seen, and no bar leaves its room.
func TestSplitParts(t *testing.T) {
	t.Parallel()
	columns := []SplitColumn{{"a", "good"}, {"b", "warn"}, {"c", ""}}
	for _, tt := range []struct {
		name    string
		figures []int
		longest int
		want    []SplitPart
	}{
		{"the longest", []int{50, 25, 25}, 100, []SplitPart{{"0.00", "50.00", "good"}, {"50.00", "25.00", "warn"}, {"75.00", "25.00", ""}}},
		{"a short one, with a gap", []int{10, 0, 5}, 100, []SplitPart{{"0.00", "10.00", "good"}, {"10.00", "5.00", ""}}},
		{"a little", []int{1, 0, 0}, 1_000_000, []SplitPart{{"0.00", "0.50", "good"}}},
		{"a little beside much", []int{999, 1, 1}, 1001, []SplitPart{{"0.00", "99.80", "good"}, {"99.80", "0.20", "warn"}}},
		{"nothing", []int{0, 0, 0}, 0, nil},
		{"less than nothing", []int{-1, 2, 0}, 2, []SplitPart{{"0.00", "100.00", "warn"}}},
	} {
		got := SplitParts(tt.figures, columns, tt.longest)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %v", tt.name, got)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s: %v, want %v", tt.name, got[i], tt.want[i])
			}
		}
	}
}
