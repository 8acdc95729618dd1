package webhook

import (
	"testing"
	"time"
)

// Callbacks are awaited since the first start with a token; a start without one ends that.
func TestAwaitedSince(t *testing.T) {
	t.Parallel()
	now := noon
	i := newInbox(t, Options{Tokens: []string{"token"}, Now: func() time.Time { return now }})
	for _, tt := range []struct {
		tokens []string
		want   time.Time
	}{
		{[]string{"token"}, noon}, {[]string{"new", "token"}, noon}, {nil, time.Time{}}, {[]string{"token"}, noon.Add(3 * time.Hour)},
	} {
		i.Tokens = tt.tokens
		if err := i.Await(t.Context()); err != nil {
			t.Fatal(err)
		}
		if since, err := i.AwaitedSince(t.Context()); !since.Equal(tt.want) || err != nil {
			t.Errorf("with %v since %v, want %v, %v", tt.tokens, since, tt.want, err)
		}
		now = now.Add(time.Hour)
	}
}
