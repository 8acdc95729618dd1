package views

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/webhook"
)

// A warning names as the last callback only one that came, and tells one of before they were awaited anew from one of after.
func TestWordsOfCallbacksThatCeased(t *testing.T) {
	t.Parallel()
	k := clock{zone: time.UTC, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	ago := func(hours int) time.Time { return k.now.Add(-time.Duration(hours) * time.Hour) }
	for name, tt := range map[string]struct {
		since, came time.Time
		title, text string
	}{
		"never":              {ago(5), time.Time{}, "No callback has come in 5 h.", "They are awaited since 23 Nov 2026, 07:00:00 UTC. "},
		"ceased":             {ago(9), ago(5), "No callback for 5 h.", "The last one came 23 Nov 2026, 07:00:00 UTC. "},
		"ceased at once":     {ago(5), ago(5), "No callback for 5 h.", "The last one came 23 Nov 2026, 07:00:00 UTC. "},
		"before they were":   {ago(5), ago(9), "No callback has come in 5 h.", "They are awaited anew since 23 Nov 2026, 07:00:00 UTC, and the last one came before that, 23 Nov 2026, 03:00:00 UTC. "},
		"awaited since ever": {time.Time{}, ago(5), "No callback for 5 h.", "The last one came 23 Nov 2026, 07:00:00 UTC. "},
	} {
		if n := k.allQuiet(tt.since, tt.came); n.Title != tt.title || !strings.HasPrefix(n.Text, tt.text) {
			t.Errorf("%s: %s %s", name, n.Title, n.Text)
		}
	}
}

// A callback of before they were awaited is no reason to warn earlier, and is not said to have come since.
func TestCallbacksOfBeforeTheyWereAwaited(t *testing.T) {
	t.Parallel()
	st := newSite(t, func(d *Deps) { d.PushQuiet = 2 * time.Hour })
	v := st.visit(t, auth.Support)
	p := st.came(t, webhook.OrderStatus, orderPushOf(cmpsim.DemoInUse, "1003"))
	st.became(t, p, "received = ?", time.Now().Add(-100*time.Hour).UnixMicro())
	if err := st.Inbox.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	st.wantQuiet(t, v, "No callback", false)
	st.write(t, `UPDATE push_awaited SET since = ?`, time.Now().Add(-5*time.Hour).UnixMicro())
	st.wantQuiet(t, v, "No callback has come in 5 h.", true)
	if text := textOf(v.get("/pushes").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "and the last one came before that") || strings.Contains(text, "The last one came") {
		t.Errorf("it says: %s", text)
	}
}
