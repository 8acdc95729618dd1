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
	slow  *gate // which calls in the background pass before this one
}

// backgroundShare is the part of the rate that calls in the background take together at most.
const backgroundShare = 5

// newGate allows two seconds' worth of calls in a row after a pause.
func newGate(perSecond float64, conns int) *gate {
	g := gateOf(perSecond, max(1, int(2*perSecond)), conns)
	g.slow = gateOf(perSecond/backgroundShare, 1, 1)
	return g
}

func gateOf(perSecond float64, burst, conns int) *gate {
	return &gate{conns: semaphore.NewWeighted(int64(conns)), turn: semaphore.NewWeighted(1), rate: rate.NewLimiter(rate.Limit(perSecond), burst)}
}

type background struct{}

// InBackground marks calls that nobody waits for. Together they take a fifth of the rate and one connection at most,
// so that they never hold back those of people for long.
func InBackground(ctx context.Context) context.Context {
	return context.WithValue(ctx, background{}, true)
}

func isBackground(ctx context.Context) bool { return ctx.Value(background{}) != nil }

// enter waits for a turn; release gives the place back. Nothing has left when it fails.
func (g *gate) enter(ctx context.Context) (release func(), err error) {
	if g.slow == nil || !isBackground(ctx) {
		return g.pass(ctx)
	}
	slow, err := g.slow.pass(ctx)
	if err != nil {
		return nil, err
	}
	own, err := g.pass(ctx)
	if err != nil {
		slow()
		return nil, err
	}
	return func() { own(); slow() }, nil
}

func (g *gate) pass(ctx context.Context) (release func(), err error) {
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
