package views

import (
	"net/http"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/ops"
)

// What was asked for is never told as what came of it, however the action ended; only a read afterwards is.
func TestAWishIsNoResult(t *testing.T) {
	t.Parallel()
	asked := []audit.Field{{Key: "before_status", Value: "2"}, {Key: "wanted_status", Value: "5"}}
	bound := []audit.Field{{Key: "bound_before", Value: ""}, {Key: "bound_wanted", Value: "860996043052016"}}
	const wish, binding = "Before Status In use Asked for Status Suspended", "Before IMEI none Asked for IMEI 8609 9604 3052 016" // grouped by markup, whole when copied
	st := newSite(t)
	auditor := st.visit(t, auth.Auditor)
	for _, tt := range []struct {
		e    audit.Entry
		says string
	}{
		{audit.Entry{Action: audit.OrderPause, Phase: audit.Intent, Detail: asked}, wish},
		{audit.Entry{Action: audit.OrderPause, Phase: audit.PhaseOutcome, Outcome: audit.OK, Detail: asked}, wish},
		{audit.Entry{Action: audit.OrderPause, Phase: audit.PhaseOutcome, Outcome: audit.Rejected, Detail: asked}, wish},
		{audit.Entry{Action: audit.OrderPause, Phase: audit.PhaseOutcome, Outcome: audit.Unknown, Detail: asked}, wish},
		{audit.Entry{Action: audit.IMEIBind, Phase: audit.PhaseOutcome, Outcome: audit.Rejected, Detail: bound}, binding},
		{audit.Entry{Action: audit.OrderSettled, Phase: audit.Event, Outcome: string(ops.EffectAbsent), Detail: []audit.Field{{Key: "status_read", Value: "2"}}}, "After, as it was read Status In use"},
		{audit.Entry{Action: audit.IMEISettled, Phase: audit.Event, Outcome: string(ops.EffectAbsent), Detail: []audit.Field{{Key: "status_read"}}}, "After, as it was read IMEI none"},
	} {
		seq, err := st.Audit.Append(t.Context(), tt.e)
		if err != nil {
			t.Fatal(err)
		}
		text := textOf(auditor.get(auditHref(seq)).want(t, http.StatusOK).tree(t))
		if !strings.Contains(text, tt.says) || strings.Contains(text, "After,") != strings.Contains(tt.says, "After,") {
			t.Errorf("%s, %s: want %q in %s", tt.e.Action, tt.e.Outcome, tt.says, text)
		}
	}
}
