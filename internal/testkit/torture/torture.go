// Package torture is what the fault harnesses share: how long they run, their dice, and a way to break system calls.
package torture

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// Long tells whether the long sweep is asked for: TORTURE=long in the environment, as make torture sets it.
func Long() bool { return os.Getenv("TORTURE") == "long" }

// Rounds is how many rounds a sweep has.
func Rounds(short, long int) int {
	if Long() {
		return long
	}
	return short
}

// Dice are thrown anew for every run. The test prints their seed, and TORTURE_SEED in the environment repeats it.
func Dice(t testing.TB) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("TORTURE_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(fmt.Errorf("TORTURE_SEED: %w", err))
		}
	}
	t.Logf("TORTURE_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a run must be repeatable
}
