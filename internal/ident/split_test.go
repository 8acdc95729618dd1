package ident

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"89852026000000000016\n89852026000000000024\r\n": {"89852026000000000016", "89852026000000000024"},
		"a1, b2;c3\td4|e5":                          {"a1", "b2", "c3", "d4", "e5"},
		`"8985000001","8985000002"`:                 {"8985000001", "8985000002"},
		`="8985000001"`:                             {"8985000001"},
		"8985000001，8985000002、8985000003":          {"8985000001", "8985000002", "8985000003"},
		"8985 2026 0000 0000 0016":                  {"8985 2026 0000 0000 0016"},
		"8985202600 0000000016":                     {"8985202600 0000000016"}, // one card in two halves
		"89852026000000000016 89852026000000000024": {"89852026000000000016", "89852026000000000024"},
		"85251000001 454120260000001":               {"85251000001", "454120260000001"},
		"+86 139 0001 2352 +86 139 0001 2353":       {"+86 139 0001 2352", "+86 139 0001 2353"},
		"454 06 1234567890":                         {"454 06 1234567890"},
		"1. 89852026000000000016\n2) 85251000001":   {"89852026000000000016", "85251000001"},
		"8,98520E+19, 8,9E+18":                      {"8.98520E+19", "8.9E+18"},
		"Fleet Berlin":                              {"Fleet Berlin"},
		" - , \n . ; ":                              nil,
		"８９８５０００００１；８９８５０００００２": {"８９８５０００００１", "８９８５０００００２"},
	} {
		if got := Split(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// What was joined by any separators comes apart again.
func TestSplitUndoesJoining(t *testing.T) {
	t.Parallel()
	const seed = 5
	r := rand.New(rand.NewPCG(seed, 0))
	between := []string{"\n", "\r\n", ",", ", ", ";", "; ", "\t", " ", "  ", " | ", `","`, "，", "\n\n"}
	for range 500 {
		var list []string
		var text strings.Builder
		for range 1 + r.IntN(20) {
			one := numbers[r.IntN(len(numbers))]
			list = append(list, one)
			text.WriteString(one + between[r.IntN(len(between))])
		}
		if got := Split(text.String()); !slices.Equal(got, list) {
			t.Fatalf("seed %d: %q\n got %q\nwant %q", seed, text.String(), got, list)
		}
	}
}

var numbers = []string{
	"89852026000000000016", "8944100000000000018", "454120260000001", "85251000001", "+85251000001", "352099001761481", "ORDER_1700000000000000001", "L201903020000000617",
	"202401150930000000005", "LK20261128091500000123", "LP14230912003377",
}
