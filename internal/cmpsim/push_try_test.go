package cmpsim

import "testing"

// A push of each kind goes out when it is asked for, about the demo's device.
func TestTryPush(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	for _, kind := range PushKinds() {
		if err := s.TryPush(kind); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if p := s.only(t, kind); p.DeviceID != DemoInUse {
			t.Errorf("%s: %+v", kind, p)
		}
	}
	if err := s.TryPush("other"); err == nil {
		t.Error("a push of no kind goes out")
	}
}
