package cmp

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// gate keeps calls within the CMP's limits: so many a second, so many at once.
type gate struct {
	conns *semaphore.Weighted
	turn  *semaphore.Weighted
	rate  *rate.Limiter
}

// newGate allows two seconds' worth of calls in a row after a pause.
func newGate(perSecond float64, conns int) *gate {
	burst := max(1, int(2*perSecond))
	return &gate{conns: semaphore.NewWeighted(int64(conns)), turn: semaphore.NewWeighted(1), rate: rate.NewLimiter(rate.Limit(perSecond), burst)}
}

// enter waits for a turn; release gives the place back. Nothing has left when it fails.
func (g *gate) enter(ctx context.Context) (release func(), err error) {
	if err := g.conns.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	if err := g.pace(ctx); err != nil {
		g.conns.Release(1)
		return nil, err
	}
	return func() { g.conns.Release(1) }, nil
}

// pace lets one caller at a time wait for the rate: the limiter cannot take back a turn that was promised
// while others stood behind it, so those who leave would slow down those who stay.
func (g *gate) pace(ctx context.Context) error {
	if err := g.turn.Acquire(ctx, 1); err != nil {
		return err
	}
	defer g.turn.Release(1)
	err := g.rate.Wait(ctx)
	if err != nil && ctx.Err() == nil {
		// The limiter gives up at once when the turn would come after the time limit.
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	}
	return err
}
