package ops

import (
	"slices"
	"testing"

	"cmpconsole/internal/cmpsim"
)

// Whoever keeps a copy of devices is told of each that a change has touched, or may have, and of no other.
func TestAChangedDeviceIsTold(t *testing.T) {
	t.Parallel()
	l := newLab(t, 7)
	var told []string
	l.changed = func(device string) { told = append(told, device) }
	for _, c := range []struct {
		verb  Verb
		fault cmpsim.Kind
		told  bool
	}{
		{Pause, "", true},
		{Pause, cmpsim.KindResetAfter, true}, // its answer is lost
		{Pause, cmpsim.KindBusiness, false},
		{Bind, "", true},
		{Buy, "", true},
		{Send, "", false}, // a message makes no other device
	} {
		told = nil
		m := l.prepareMutation(t, c.verb)
		if c.fault != "" {
			l.sim.Script(cmpsim.Fault{Path: "pauseService", Times: 1, Kind: c.fault})
		}
		if err := m.send(); err != nil {
			t.Fatal(err)
		}
		a, err := selectAction(t.Context(), l.db.Read(), `WHERE id = ?`, m.id)
		if err != nil || a == nil {
			t.Fatalf("%s is not known, %v", m.id, err)
		}
		if want := []string{a.DeviceID}; c.told && !slices.Equal(told, want) || !c.told && len(told) > 0 {
			t.Errorf("%s, %q: told of %v, the device is %s (%s)", c.verb, c.fault, told, a.DeviceID, a.State)
		}
	}
}
