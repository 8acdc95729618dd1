package views

import (
	"database/sql"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/ops"
)

// lose pauses the demo's order in a way that nobody hears of, and returns the action in doubt.
func (st *site) lose(t *testing.T, v *visitor) ops.Action {
	t.Helper()
	st.sim.Script(cmpsim.Fault{Path: "device/pauseService", Times: 1, Kind: cmpsim.KindBadGateway})
	v.act("/orders/"+cmpsim.DemoOrder+"/pause", "Customer asked")
	a, err := st.Actions.Latest(t.Context(), cmpsim.DemoOrder)
	if err != nil || a == nil || a.State != ops.Unknown {
		t.Fatalf("%+v, %v", a, err)
	}
	return *a
}

// handOver makes the action a task for a person, as a day without an answer does.
func (st *site) handOver(t *testing.T, a ops.Action) {
	t.Helper()
	err := st.db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE action SET task_at = ? WHERE id = ?`, a.Dispatched.UnixMicro(), a.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// While reads go on, a person has nothing to settle, and is told so.
func TestADoubtThatReadsMaySettle(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	admin, v := st.visit(t, auth.Admin), st.visit(t, auth.Support)
	a := st.lose(t, v)
	asked := admin.get(doubtHref(a)).want(t, http.StatusOK)
	text := textOf(asked.tree(t))
	for _, want := range []string{"Outcome of: Pause this order", "Nobody has to do anything yet.", "Before In use Wanted suspended Now In use read just now"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	if row, ok := st.rowOf(t, asked, audit.DoubtView); !ok || row.Order != cmpsim.DemoOrder || details(row)["action_id"] != a.ID {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	early := admin.post(doubtHref(a), url.Values{"verdict": {"effect_absent"}, "reason": {"I guess"}}).want(t, http.StatusConflict)
	if text := textOf(early.tree(t)); !strings.Contains(text, "Nothing was settled. The console is still reading") {
		t.Error(text)
	}
	if text := textOf(admin.get("/orders/" + cmpsim.DemoOrder).tree(t)); strings.Contains(text, "Settle it") || !strings.Contains(text, "Look again") {
		t.Error(text)
	}
}

// A task is told on the home page and on the order's; an administrator settles it with a reason, and everybody who
// sees the order then sees who did and why.
func TestATaskIsSettled(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	admin, v := st.visit(t, auth.Admin), st.visit(t, auth.Support)
	a := st.lose(t, v)
	st.handOver(t, a)
	order := "/orders/" + cmpsim.DemoOrder
	for _, tt := range []struct {
		who  *visitor
		path string
		link bool
	}{{admin, "/", true}, {admin, order, true}, {v, "/", false}, {v, order, false}} {
		page := tt.who.get(tt.path).want(t, http.StatusOK)
		if text := textOf(page.tree(t)); strings.Contains(text, "Settle it") != tt.link || strings.Contains(page.body, `href="`+doubtHref(a)+`"`) != tt.link {
			t.Errorf("%s: %s", tt.path, text)
		}
	}
	for _, who := range []*visitor{admin, v} { // among the doubts, and among the last changes
		if home := who.get("/"); strings.Count(home.body, "a person has to settle it") != 2 || strings.Contains(home.body, `href="/system"`) != (who == admin) {
			t.Error(textOf(home.tree(t)))
		}
	}
	if text := textOf(v.get("/").tree(t)); !strings.Contains(text, "To settle by hand reads cannot tell what became of it 1") || !strings.Contains(text, "a person has to settle it") {
		t.Error(text)
	}
	if text := textOf(v.get(order).tree(t)); !strings.Contains(text, "An administrator has to ask the CMP's operator") {
		t.Error(text)
	}
	wrong := admin.post(doubtHref(a), url.Values{"verdict": {"ok"}, "reason": {"Asked <b>Li</b>, INC-7"}}).want(t, http.StatusUnprocessableEntity)
	if text := textOf(wrong.tree(t)); !strings.Contains(text, "Choose what became of the change.") || !strings.Contains(text, "Asked <b>Li</b>, INC-7") {
		t.Error(text)
	}
	said := admin.post(doubtHref(a), url.Values{"verdict": {"effect_absent"}, "reason": {"Asked Li, INC-7"}}).want(t, http.StatusSeeOther)
	if row, ok := st.rowOf(t, said, audit.OrderSettled); !ok || row.Actor != "admin" || row.Outcome != "effect_absent" || row.Reason != "Asked Li, INC-7" || row.Of != a.IntentSeq {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	for _, path := range []string{order, doubtHref(a)} {
		if text := textOf(admin.get(path).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "admin says: it did not take effect. “Asked Li, INC-7”") || strings.Contains(text, "Record it") {
			t.Errorf("%s: %s", path, text)
		}
	}
	again := admin.post(doubtHref(a), url.Values{"verdict": {"effect_present"}, "reason": {"Asked again"}}).want(t, http.StatusConflict)
	if text := textOf(again.tree(t)); !strings.Contains(text, "This was settled meanwhile, as shown below.") {
		t.Error(text)
	}
	v.act(order+"/pause", "Customer asked again") // the order takes changes again
}

// States of all that can be in doubt, in words.
func TestStatesInWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		verb        ops.Verb
		state, want string
	}{
		{ops.Pause, "2", "In use"}, {ops.Pause, "7", "Status 7"}, {ops.End, ops.Gone, "The CMP knows no such order any more"},
		{ops.Pause, ops.Moved, "The order belongs to another device"}, {ops.Send, ops.Gone, "The CMP does not know it any more"},
		{ops.Bind, "", "Bound to no IMEI"}, {ops.Unbind, "490154203237518", "490154203237518"},
		{ops.Send, "", "Not known to the CMP"}, {ops.Send, "accepted", "Known to the CMP"},
		{ops.Buy, `[]`, "No order of this package"}, {ops.Buy, `["A","B"]`, "Orders of this package: A, B"},
	} {
		if got := stateText(ops.Action{Verb: tt.verb}, tt.state); got != tt.want {
			t.Errorf("%s, %q: %q, want %q", tt.verb, tt.state, got, tt.want)
		}
	}
}
