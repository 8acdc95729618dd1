package cmp

import (
	"context"
	"testing"
	"time"
)

// A caller whose time limit comes before its turn gives its place back.
func TestATurnThatComesTooLateKeepsNoPlace(t *testing.T) {
	t.Parallel()
	g := newGate(0.001, 1) // one call, then one every thousand seconds
	release, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := g.enter(ctx); err == nil {
		t.Fatal("a turn before its time")
	}
	if !g.conns.TryAcquire(1) {
		t.Error("the place is still taken")
	}
}
