package views

import (
	"testing"

	"cmpconsole/internal/mirror"
)

// A device that has the whole text as a number stands once on the page; of those that have a part of it each stands once in a group, and in
// as many groups as it has numbers with that part.
func TestDeviceStandsOnceInAGroup(t *testing.T) {
	t.Parallel()
	hit := func(id string, kind mirror.Kind) mirror.Hit {
		var h mirror.Hit
		h.Device.ID, h.Kind = id, kind
		return h
	}
	f := finding{devices: []mirror.Hit{hit("whole", mirror.KindIMSI)}, whole: 1, cut: map[string]bool{}}
	f.addTo([]mirror.Hit{hit("whole", mirror.KindIMSI), hit("part", mirror.KindIMSI), hit("part", mirror.KindIMSI)}, 1)
	f.addTo([]mirror.Hit{hit("whole", mirror.KindMSISDN), hit("part", mirror.KindMSISDN), hit("one too many", mirror.KindMSISDN)}, 1)
	var got string
	for _, h := range f.devices {
		got += h.Device.ID + " " + string(h.Kind) + ", "
	}
	if got != "whole imsi, part imsi, part msisdn, " || !f.cut["msisdn"] || f.cut["imsi"] {
		t.Error(got, f.cut)
	}
}
