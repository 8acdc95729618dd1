package mirror

import "time"

const (
	passesAtMost = 5   // of a run, when the list moves in every one
	asksAtMost   = 200 // of a run, for devices that the list does not have any more
	runsKept     = 20
)

// Run is one round of the sync: passes over the CMP's list until one is to be believed, then the devices that were not
// in it, each by itself.
type Run struct {
	Started, Ended time.Time
	By             string    // who asked for it; empty: it was due
	Accept         bool      // they said that it is right when many devices are missing from the list
	First          bool      // there were no devices in the mirror
	Pass           Pass      // the one under way, or the last one
	Passes         int       // with the one under way
	Asking         time.Time // devices that were not confirmed since then are asked for; zero while the list is read
	Missing        int       // devices that were known and not in the list
	Calls, Rows    int
	New, Changed   int
	Same, Gone     int
	Asked, Errors  int
	Result         Result // when it has ended
}

// Result says what a run that has ended is good for.
type Result string

// The results.
const (
	Whole  Result = "whole"  // the mirror has what the CMP's list had
	Odd    Result = "odd"    // so it has, but the CMP announces another number of devices than it lists
	Moving Result = "moving" // the list moved in every pass, so that devices may have been missed
	Shrunk Result = "shrunk" // so much was missing from the list that nothing was marked gone
)

// begin starts the next pass. Devices are confirmed to the second, so it begins with a second of its own.
func (r *Run) begin(size int, now time.Time) {
	r.Passes++
	r.Pass = Pass{Started: now.Truncate(time.Second).Add(time.Second), Size: size, Next: 1, Print: 1}
}

// settle judges a pass that has read the whole list, and tells whether another one must follow. confirmed and known
// are the devices that the mirror has confirmed since the pass began, and all that it has; before is the fingerprint of the
// pass before. When there was movement, a pass is believed all the same if it read what the one before it had read.
//
// The first load of all is read twice, unless it is a single page: of a device that was not known, nothing else tells that
// it was missed. Later on the mirror asks for whatever it knows and the list has not.
func (r *Run) settle(confirmed, known int, before uint64) (again bool) {
	r.Missing = known - confirmed
	moved := r.Pass.moved(confirmed) || r.First && r.Passes == 1 && r.Pass.Next > 2 || r.shrunk(known)
	steady := r.Pass.Print == before
	r.Result = Whole
	switch {
	case moved && !steady && r.Passes < passesAtMost:
		return true
	case moved && !steady:
		r.Result = Moving
	case r.Pass.Rows != r.Pass.Total:
		r.Result = Odd
	}
	return false
}

// shrunk tells whether so much is missing that the CMP is rather wrong than right: it may list nothing while it is being
// repaired, or less to an account whose rights have changed.
func (r *Run) shrunk(known int) bool {
	return !r.Accept && r.Missing > 0 && (r.Pass.Rows == 0 || r.Missing > 50 && 100*r.Missing > known)
}

// since is when a device must have been confirmed not to be asked for by itself. A pass that missed devices says less
// than all passes together.
func (r *Run) since() time.Time {
	if r.Result == Moving {
		return r.Started.Truncate(time.Second)
	}
	return r.Pass.Started
}

// Asks is for how many devices the run asks by themselves at most.
func (r *Run) Asks() int {
	if r.Accept {
		return r.Missing
	}
	return min(r.Missing, asksAtMost)
}
