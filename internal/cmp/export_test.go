package cmp

import (
	"context"
	"time"
)

// Impatient has reads tried again at once.
func (c *Client) Impatient() {
	c.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
}
