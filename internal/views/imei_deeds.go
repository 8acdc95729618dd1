package views

import (
	"context"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/ops"
)

// deed is a change of a card's binding that was made in this console and took effect.
type deed struct {
	row    audit.Row
	unbind bool
	imei   string
	note   string // how we know, when the CMP did not confirm it
}

// deeds reads the changes of a card's binding that took effect, newest first.
func (s *Server) deeds(ctx context.Context, deviceID string) ([]deed, error) {
	rows, err := s.Audit.List(ctx, audit.Filter{Device: deviceID, Changes: true})
	if err != nil {
		return nil, err
	}
	intents := make([]int64, 0, len(rows))
	for _, r := range rows {
		intents = append(intents, r.Of)
	}
	settled, err := s.Audit.Settlements(ctx, intents)
	if err != nil {
		return nil, err
	}
	var list []deed
	for _, r := range rows {
		if d, ok := deedFrom(r, settled[r.Of]); ok {
			list = append(list, d)
		}
	}
	return list, nil
}

// deedFrom takes a row of the log for a deed: the CMP confirmed it, or its answer was lost and reads have seen its
// effect since, by their verdict.
func deedFrom(r audit.Row, verdict string) (deed, bool) {
	d, key := deed{row: r}, "bound_wanted"
	switch r.Action {
	case audit.IMEIBind:
	case audit.IMEIUnbind:
		d.unbind, key = true, "bound_before"
	default:
		return deed{}, false
	}
	for _, f := range r.Detail {
		if f.Key == key {
			d.imei = f.Value
		}
	}
	if r.Outcome == audit.Unknown && verdict == string(ops.EffectPresent) {
		d.note = "answer lost, seen in effect"
		return d, true
	}
	return d, r.Outcome == audit.OK
}

// deedOf finds the deed that a step of the CMP speaks of: the same change of the same IMEI at nearly the same time, since
// both clocks may differ; of several the nearest. A step may leave the IMEI out.
func deedOf(t cmp.BindingTrack, ours []deed) (found deed, ok bool) {
	nearest := 5 * time.Minute
	for _, d := range ours {
		apart := d.row.Time.Sub(t.At.At).Abs()
		if d.unbind == t.Unbinds() && (t.IMEI == "" || d.imei == t.IMEI) && apart < nearest {
			found, ok, nearest = d, true, apart
		}
	}
	return found, ok
}
