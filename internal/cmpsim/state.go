package cmpsim

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// saved is the state file: only what differs from the fleet the seed gives.
// Born keeps the fleet's dates where they were on the first start.
type saved struct {
	Seed    uint64                 `json:"seed"`
	Born    time.Time              `json:"born"`
	Orders  map[string]savedOrder  `json:"orders"`
	Devices map[string]savedDevice `json:"devices"`
	// Steps are what moved devices, with their places in numbers.
	Steps []Step `json:"steps,omitempty"`
	// Bought are orders as they were placed; what became of them is in Orders.
	Bought   []Order            `json:"bought,omitempty"`
	Messages []message          `json:"messages,omitempty"`
	Received []received         `json:"received,omitempty"`
	Tracks   map[string][]track `json:"tracks,omitempty"`
}

type savedOrder struct {
	Status     string    `json:"status"`
	Active     time.Time `json:"active"`
	Expire     time.Time `json:"expire"`
	Period     int       `json:"period,omitempty"`
	UsedKB     int64     `json:"used_kb,omitempty"`
	TotalKB    int64     `json:"total_kb,omitempty"`
	Cause      string    `json:"cause,omitempty"`
	DeviceType string    `json:"device_type,omitempty"`
}

type savedDevice struct {
	Lifecycle string    `json:"lifecycle"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
}

// loadState reads the file; one of another seed is refused, since its orders
// would be lost without a word.
func loadState(path string, seed uint64, now time.Time) (saved, error) {
	fresh := saved{Seed: seed, Born: now, Orders: map[string]savedOrder{}, Devices: map[string]savedDevice{}, Tracks: map[string][]track{}}
	if path == "" {
		return fresh, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return saved{}, fmt.Errorf("read the sandbox's state: %w", err)
	}
	st := fresh
	if err := json.Unmarshal(text, &st); err != nil {
		return saved{}, fmt.Errorf("read the sandbox's state %s: %w", path, err)
	}
	if st.Seed != seed {
		return saved{}, fmt.Errorf("the sandbox's state %s is of seed %d, not %d: use that seed or another file", path, st.Seed, seed)
	}
	if st.Orders == nil || st.Devices == nil {
		return saved{}, fmt.Errorf("read the sandbox's state %s: orders or devices are missing", path)
	}
	return st, nil
}

// write replaces the file in one step, so that a kill leaves a whole one.
func (st saved) write(path string) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(st, "", " ")
	if err != nil {
		return fmt.Errorf("write the sandbox's state: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write the sandbox's state: %w", err)
	}
	next := path + ".new"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("write the sandbox's state: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("write the sandbox's state: %w", err)
	}
	return nil
}

// restore lays the saved changes over the fleet; those of devices that a
// smaller fleet lacks are kept for a larger one.
func (s *Sim) restore() {
	for _, step := range s.saved.Steps {
		at, err := step.At.among(len(s.fleet.line), nil)
		if err == nil {
			_, err = s.fleet.step(step, at)
		}
		if err != nil {
			s.opts.Logger.Debug("sandbox: a step that this fleet cannot repeat", "err", err)
		}
	}
	for _, o := range s.saved.Bought {
		if d, ok := s.fleet.device(o.DeviceID); ok {
			s.fleet.buy(d, o)
		}
	}
	for id, v := range s.saved.Orders {
		if d, o, ok := s.fleet.order(id); ok {
			s.fleet.hold(d)
			o.Status, o.Active, o.Expire, o.Cause, o.DeviceType = v.Status, v.Active, v.Expire, v.Cause, v.DeviceType
			o.UsedKB, o.TotalKB = max(o.UsedKB, v.UsedKB), max(o.TotalKB, v.TotalKB)
			o.Period = cmp.Or(v.Period, o.Period)
		}
	}
	for id, v := range s.saved.Devices {
		if d, ok := s.fleet.device(id); ok {
			s.fleet.hold(d)
			d.Lifecycle, d.LifecycleStart, d.LifecycleEnd = v.Lifecycle, v.Start, v.End
		}
	}
	for i, m := range s.saved.Messages {
		if m.Report == "" {
			s.unreported = append(s.unreported, i)
		}
	}
}

// keep records a change of an order; the caller holds the lock.
func (s *Sim) keep(d *Device, o *Order) {
	s.note(d, o)
	s.save(o.ID)
}

// note puts an order's state, and its device's, among what is saved.
func (s *Sim) note(d *Device, o *Order) {
	s.saved.Orders[o.ID] = savedOrder{Status: o.Status, Active: o.Active, Expire: o.Expire, Period: o.Period, UsedKB: o.UsedKB, TotalKB: o.TotalKB, Cause: o.Cause, DeviceType: o.DeviceType}
	s.noteDevice(d)
}

func (s *Sim) noteDevice(d *Device) {
	s.saved.Devices[d.ID] = savedDevice{Lifecycle: d.Lifecycle, Start: d.LifecycleStart, End: d.LifecycleEnd}
}

// save writes the file. The change stands even when it cannot be written: a
// sandbox that goes on is worth more.
func (s *Sim) save(what string) {
	if err := s.saved.write(s.opts.StateFile); err != nil {
		s.opts.Logger.Error("sandbox: a change will not survive a restart", "of", what, "err", err)
	}
}
