package mirror

import (
	"slices"
	"time"
)

// paceTime is how far back the speed of the sync is measured.
const paceTime = time.Minute

// pace is how fast the sync has been lately.
type pace struct{ steps []paceStep }

// paceStep is one second's work.
type paceStep struct {
	at          time.Time
	rows, calls int
}

// add counts a call that told of so many devices.
func (p *pace) add(at time.Time, rows int) {
	at = at.Truncate(time.Second)
	if n := len(p.steps); n > 0 && p.steps[n-1].at.Equal(at) {
		p.steps[n-1].rows += rows
		p.steps[n-1].calls++
		return
	}
	p.steps = slices.DeleteFunc(p.steps, func(s paceStep) bool { return at.Sub(s.at) > paceTime || s.at.After(at) })
	p.steps = append(p.steps, paceStep{at, rows, 1})
}

// rates are rows and calls a second.
func (p *pace) rates(now time.Time) (rows, calls float64) {
	var first time.Time
	for _, s := range p.steps {
		if now.Sub(s.at) > paceTime {
			continue
		}
		if first.IsZero() {
			first = s.at
		}
		rows, calls = rows+float64(s.rows), calls+float64(s.calls)
	}
	seconds := max(1, now.Sub(first).Seconds())
	return rows / seconds, calls / seconds
}

// moved counts a call.
func (s *Sync) moved(rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace.add(s.Now(), rows)
}
