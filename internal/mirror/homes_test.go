package mirror

import "testing"

// Devices have the home of the last segment that took them in, whole blocks or not, and one that moves takes no other with it.
func TestHomes(t *testing.T) {
	t.Parallel()
	h := homes{}.draft()
	h.settle(segment{k: 1, first: 1, many: 4 * blockSize})
	h.settle(segment{k: 2, first: 1000, many: 2000})
	h.settle(segment{k: 3, many: 2, devices: []uint32{5, 3500}})
	before := h
	h = h.draft()
	h.move(2100, noHome)
	for n, want := range map[int64]uint16{0: noHome, 1: 1, 5: 3, 999: 1, 1000: 2, 2047: 2, 2099: 2, 2100: noHome, 2101: 2, 2999: 2, 3000: 1, 3500: 3, 4096: 1, 4097: noHome, 9999: noHome} {
		if got := h.of(n); got != want {
			t.Errorf("device %d has home %d, want %d", n, got, want)
		}
	}
	if before.of(2100) != 2 {
		t.Error("who read before sees the move")
	}
}
