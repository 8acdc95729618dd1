package views

import (
	"strings"
	"testing"
)

// A character that is to be seen is found wherever it stands, whatever stands around it.
func TestNothingUnseenIsOverlooked(t *testing.T) {
	t.Parallel()
	for r := rune(0); r < 0x3000; r++ {
		for before := range 9 {
			page := strings.Repeat("~", before) + string(r) + " 汉~\n        "
			if got, want := hasUnseen([]byte(page)), unseen(r); got != want {
				t.Fatalf("%U behind %d others: %t, want %t", r, before, got, want)
			}
		}
	}
}
