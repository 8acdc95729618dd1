package cmp

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// gate keeps calls within the CMP's limits: so many a second, so many at once.
type gate struct {
	rate  *rate.Limiter
	conns *semaphore.Weighted
}

// newGate allows two seconds' worth of calls in a row after a pause.
func newGate(perSecond float64, conns int) *gate {
	burst := max(1, int(2*perSecond))
	return &gate{rate: rate.NewLimiter(rate.Limit(perSecond), burst), conns: semaphore.NewWeighted(int64(conns))}
}

// enter waits for a turn; release gives the place back. Nothing has left when it fails.
func (g *gate) enter(ctx context.Context) (release func(), err error) {
	if err := g.conns.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	if err := g.rate.Wait(ctx); err != nil {
		g.conns.Release(1)
		if ctx.Err() == nil {
			// The limiter gives up at once when the turn would come after the time limit.
			err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
		}
		return nil, err
	}
	return func() { g.conns.Release(1) }, nil
}
