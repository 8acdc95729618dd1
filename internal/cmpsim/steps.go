package cmpsim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Step is one change of the fleet that no caller of the API asked for: what
// the CMP's own people and its network do.
type Step struct {
	Kind StepKind `json:"kind"`
	// Device is the one meant; a shuffle and new devices have none.
	Device string `json:"device_id,omitempty"`
	// Count is how many devices are new, or how many cycles; 0 means one.
	Count int `json:"count,omitempty"`
	// At is where a device goes; empty means the end.
	At Place `json:"at,omitempty"`
	// Seed picks what is left to chance.
	Seed uint64 `json:"seed,omitempty"`
}

// StepKind names what a step does.
type StepKind string

// The kinds of steps.
const (
	StepAdd     StepKind = "add"
	StepRemove  StepKind = "remove"
	StepReturn  StepKind = "return"
	StepMove    StepKind = "move"
	StepShuffle StepKind = "shuffle"
	StepChange  StepKind = "change"
	StepLocate  StepKind = "locate"
	StepExpire  StepKind = "expire"
	StepRenew   StepKind = "renew"
	StepReduce  StepKind = "reduce"
)

var stepKinds = map[StepKind]string{
	StepAdd:     "count new devices appear at a place",
	StepRemove:  "a device is known no more",
	StepReturn:  "a removed device is back, at a place",
	StepMove:    "a device moves to a place in the list",
	StepShuffle: "the list is in another order, by seed",
	StepChange:  "a device moves on: usage grows, or without an activated order the stage",
	StepLocate:  "the network sees an OTA device in its country: the secondary package that waits starts",
	StepExpire:  "the order in use ends as on its last day",
	StepRenew:   "the activated order, or one that waits, gets count cycles more",
	StepReduce:  "the activated order, or one that waits, loses count cycles",
}

// Place is a place in the list: start, end, anywhere, or how many devices come
// before it.
type Place string

// The places that have names.
const (
	PlaceStart    Place = "start"
	PlaceEnd      Place = "end"
	PlaceAnywhere Place = "anywhere"
)

// among turns a place into a number, in a list of so many.
func (p Place) among(size int, r *random) (int, error) {
	switch p {
	case PlaceStart:
		return 0, nil
	case PlaceEnd, "":
		return size, nil
	case PlaceAnywhere:
		return r.below(size + 1), nil
	}
	n, err := strconv.Atoi(string(p))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("place %q is none: write start, end, anywhere or a number from 0", p)
	}
	return min(n, size), nil
}

// Alter performs steps in turn and returns the ids of the devices that are new.
// The first step that cannot be performed is an error; those before it stand.
func (s *Sim) Alter(steps ...Step) (added []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.age()
	defer s.save("the fleet")
	for _, step := range steps {
		ids, err := s.step(step)
		added = append(added, ids...)
		if err != nil {
			return added, err
		}
	}
	return added, nil
}

// step performs one and notes what is saved of it; the caller holds the lock.
func (s *Sim) step(step Step) (added []string, err error) {
	if step.Kind == StepChange {
		return nil, s.advance(step.Device)
	}
	if _, ok := orderSteps[step.Kind]; ok {
		return nil, s.stepOrder(step)
	}
	r := newRandom(step.Seed, uint64(len(s.saved.Steps)))
	for range max(step.Count, 1) {
		at, err := step.At.among(len(s.fleet.line), r)
		if err != nil {
			return added, err
		}
		one := Step{Kind: step.Kind, Device: step.Device, At: Place(strconv.Itoa(at)), Seed: step.Seed}
		id, err := s.fleet.step(one, at)
		if err != nil {
			return added, err
		}
		s.saved.Steps = append(s.saved.Steps, one)
		added = append(added, id...)
	}
	return added, nil
}

// step moves the line, and tells the id of a device that is new.
func (f *fleet) step(one Step, at int) (added []string, err error) {
	done := true
	switch one.Kind {
	case StepAdd:
		added = []string{f.birth(at)}
	case StepShuffle:
		f.shuffle(newRandom(one.Seed, 0))
	case StepRemove:
		done = f.remove(one.Device)
	case StepReturn:
		done = f.giveBack(one.Device, at)
	case StepMove:
		done = f.move(one.Device, at)
	default:
		return nil, fmt.Errorf("step %q is unknown, use one of: %v", one.Kind, slices.Sorted(maps.Keys(stepKinds)))
	}
	if !done {
		return nil, fmt.Errorf("%s: the fleet has no such device %q", one.Kind, one.Device)
	}
	return added, nil
}

// advance lets a device move on: its activated order uses a hundredth of its
// quota more, at least 1 MB; one without goes to its next stage.
func (s *Sim) advance(id string) error {
	d, ok := s.fleet.device(id)
	if !ok {
		return fmt.Errorf("%s: the fleet has no such device %q", StepChange, id)
	}
	s.fleet.hold(d)
	if o := d.current(); o != nil {
		more := max(o.FlowMB*1024/100, 1024)
		o.UsedKB, o.TotalKB = o.UsedKB+more, o.TotalKB+more
		s.note(d, o)
		return nil
	}
	d.nextStage(dateOf(s.opts.Now()))
	s.noteDevice(d)
	return nil
}

// nextStage follows the document's numbering; a recycled card is stock again.
func (d *Device) nextStage(today time.Time) {
	next := map[string]struct {
		stage  string
		months int
	}{
		LifecycleInternal: {LifecycleInventory, 24}, LifecycleInventory: {LifecycleSilent, d.SilentMonths}, LifecycleSilent: {LifecycleUsage, 12},
		LifecycleUsage: {LifecycleSuspended, d.ShutdownMonths}, LifecycleSuspended: {LifecycleDisposal, 24}, LifecycleDisposal: {LifecycleInventory, 24},
	}[d.Lifecycle]
	d.Lifecycle, d.LifecycleStart, d.LifecycleEnd = next.stage, today, today.AddDate(0, next.months, 0)
}
