package views

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/ops"
)

// The result of a change says what is certain and what to do, and claims no answer that did not come.
func TestResultsInWords(t *testing.T) {
	t.Parallel()
	for kind, tt := range map[cmpsim.Kind]struct{ says, never string }{
		cmpsim.KindUnauthorised: {"The CMP's gateway refused our signature or our rights (HTTP 401). The change was sent once and may or may not have taken effect.", "The CMP rejected this"},
		cmpsim.KindBusiness:     {"The CMP rejected this. Rejected By its answer nothing was changed; its own words stand below. What the page shows has been read since.", "signature"},
		cmpsim.KindBadGateway:   {"There is nothing to send again: the console reads the order by itself until it knows, for at least 15 minutes while nothing has changed. No other change is possible until then.", "No other change is possible until reads"},
		cmpsim.KindResetBefore:  {"The connection broke before an answer came", "answered in"},
	} {
		st := newSite(t)
		v := st.visit(t, auth.Support)
		st.sim.Script(cmpsim.Fault{Path: "device/pauseService", Times: 1, Kind: kind, Code: "3002", Message: "no"})
		v.act("/orders/"+cmpsim.DemoOrder+"/pause", "Customer asked")
		text := textOf(v.get("/orders/"+cmpsim.DemoOrder).want(t, http.StatusOK).tree(t))
		if !strings.Contains(text, tt.says) || strings.Contains(text, tt.never) {
			t.Errorf("%s: want %q in %s", kind, tt.says, text)
		}
	}
}

// A change of an order is requested, then accepted, then confirmed: by its order, once that has been read as asked for.
func TestHowFarAChangeHasCome(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	k := clock{zone: time.UTC, now: at}
	for name, tt := range map[string]struct {
		action ops.Action
		want   []string
	}{
		"accepted":   {ops.Action{OrderID: "L1", Verb: ops.Pause, State: ops.OK, Dispatched: at, Finished: at}, []string{"Requested", "Accepted by the CMP", "Confirmed: the order has not been read so yet"}},
		"confirmed":  {ops.Action{OrderID: "L1", Verb: ops.Pause, State: ops.OK, Dispatched: at, Finished: at, Confirmed: at}, []string{"Requested", "Accepted by the CMP", "Confirmed"}},
		"lost":       {ops.Action{OrderID: "L1", Verb: ops.Pause, State: ops.Unknown, Dispatched: at, Finished: at}, []string{"Requested", "Accepted by the CMP: its answer was lost", "Confirmed: the order has not been read so yet"}},
		"settled":    {ops.Action{OrderID: "L1", Verb: ops.Pause, State: ops.EffectPresent, Dispatched: at, Settled: at}, []string{"Requested", "Accepted by the CMP: its answer was lost", "Confirmed"}},
		"on its way": {ops.Action{OrderID: "L1", Verb: ops.Pause, State: ops.Dispatched, Dispatched: at}, []string{"Requested", "Accepted by the CMP: its answer is not here yet", "Confirmed: the order has not been read so yet"}},
		"rejected":   {ops.Action{OrderID: "L1", Verb: ops.Pause, State: ops.Rejected, Dispatched: at}, nil},
		"a message":  {ops.Action{Verb: ops.Send, State: ops.OK, Dispatched: at}, nil},
	} {
		var got []string
		for _, s := range k.reached(tt.action) {
			word := s.Word
			if s.At == nil {
				word += ": " + s.Note
			}
			got = append(got, word)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A call that ended without an answer was not answered after so long; one that never left lasted no time at all.
func TestTook(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		state ops.State
		ms    int64
		want  string
	}{
		{ops.OK, 388, "answered in 388 ms"},
		{ops.Rejected, 12_345, "answered in 12 s"},
		{ops.Unknown, 30_012, "no clear answer after 30 s"},
		{ops.EffectPresent, 9, "no clear answer after 9 ms"},
		{ops.NotSent, 3_000, ""},
		{ops.Unknown, 0, ""}, // the console was interrupted before an answer came
	} {
		if got := took(ops.Action{State: tt.state, LatencyMS: tt.ms}); got != tt.want {
			t.Errorf("%s after %d ms: %q, want %q", tt.state, tt.ms, got, tt.want)
		}
	}
}

// A doubt that reads have settled no longer alarms in the lists of what was done.
func TestSettledDoubtsInFeeds(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	st.sim.Script(cmpsim.Fault{Path: "device/pauseService", Times: 1, Kind: cmpsim.KindResetAfter})
	v.act("/orders/"+cmpsim.DemoOrder+"/pause", "Customer asked")
	if text := textOf(v.get("/").tree(t)); !strings.Contains(text, "Outcome unknown “Customer asked”") {
		t.Errorf("in doubt: %s", text)
	}
	v.get("/orders/"+cmpsim.DemoOrder).want(t, http.StatusOK) // the look settles it
	for _, path := range []string{"/", "/orders/" + cmpsim.DemoOrder, "/devices/" + cmpsim.DemoInUse, "/devices/" + cmpsim.DemoInUse + "/activity"} {
		text := textOf(v.get(path).want(t, http.StatusOK).tree(t))
		if !strings.Contains(text, "Outcome unknown, settled: in effect “Customer asked”") || strings.Contains(text, "Outcome unknown “") {
			t.Errorf("%s: %s", path, text)
		}
	}
	hook := all(v.get("/orders/"+cmpsim.DemoOrder).tree(t), "", "data-outcome")
	if len(hook) == 0 || attr(hook[0], "data-outcome") != "unknown" || textOf(hook[0]) != "Outcome unknown, settled: in effect" {
		t.Errorf("%d outcomes, the first without its hook or its words", len(hook))
	}
}

// What reads have settled is told beside the outcome, in words and without alarm, and counted as what it is; what is
// still in doubt alarms.
func TestSettledDoubtsInLists(t *testing.T) {
	t.Parallel()
	for state, tt := range map[ops.State]struct{ word, tone, taken, ordered string }{
		ops.OK:            {"Done", "good", "The CMP took 1 message.", ""},
		ops.Prepared:      {"Not sent", "", "1 message had no turn and was not sent", "was previewed and not sent"},
		ops.Unknown:       {"Outcome unknown", "bad", "The outcome of 1 message is unknown.", "may or may not be there"},
		ops.EffectPresent: {"Outcome unknown, settled: in effect", "good", "The CMP took 1 message.", "have been read since"},
		ops.EffectAbsent:  {"Outcome unknown, settled: not in effect", "warn", "1 message did not leave or was rejected", "have been read since"},
		ops.Undetermined:  {"Outcome unknown, settled: cannot be told", "warn", "The outcome of 1 message is unknown.", "have been read since"},
		ops.Rejected:      {"Rejected", "bad", "1 message did not leave or was rejected", "The CMP says:"},
	} {
		a := ops.Action{State: state}
		if b := sentBadge(ops.Message{Action: a}); b.Word != tt.word || b.Tone != tt.tone {
			t.Errorf("%s: %+v", state, b)
		}
		if n := batchNotice([]ops.Message{{Action: a}}, 0); !strings.Contains(n.Title+" "+n.Text, tt.taken) {
			t.Errorf("%s: %+v", state, n)
		}
		if a.SettledBy = "root"; tt.ordered == "have been read since" {
			if _, text := purchaseResult(a, false); !strings.Contains(text, "root has settled it") || strings.Contains(text, "read since") {
				t.Errorf("%s, by a person: %s", state, text)
			}
		}
		a.SettledBy = ""
		if b, text := purchaseResult(a, false); b.Word != tt.word && state != ops.Prepared || !strings.Contains(text, tt.ordered) {
			t.Errorf("%s: %+v, %s", state, b, text)
		}
	}
}
