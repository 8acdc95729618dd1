package webhook

import (
	"sync"
	"time"
)

// pace lets so many callbacks a second pass, and so many at once after a rest.
type pace struct {
	mu   sync.Mutex
	left float64
	at   time.Time
}

func (p *pace) admits(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at.IsZero() {
		p.left, p.at = atOnce, now
	}
	if passed := now.Sub(p.at); passed > 0 {
		p.left, p.at = min(atOnce, p.left+perSecond*passed.Seconds()), now
	}
	if p.left < 1 {
		return false
	}
	p.left--
	return true
}
