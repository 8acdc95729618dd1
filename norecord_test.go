package main

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"

	"cmpconsole/internal/cmpsim"
)

// breakLog makes the audit log refuse rows that match, as a full disk would, until mend is called.
func (in *instance) breakLog(t testing.TB, when string) (mend func()) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(in.dir, "console.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	run := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
			t.Fatal(err)
		}
	}
	run(`CREATE TRIGGER disk_full BEFORE INSERT ON audit WHEN ` + when + ` BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`)
	return func() { run(`DROP TRIGGER disk_full`) }
}

// TestNoRecordNoAction: what cannot be written to the log is not done. Reads go on.
func TestNoRecordNoAction(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	for _, d := range deeds {
		tr := in.prepareDeed(t, support, d.verb)
		mend := in.breakLog(t, "1")
		p := support.post(t, tr.action, tr.form).want(t, http.StatusServiceUnavailable)
		kept := p.says(t, "nothing was sent").fill(t, tr.action, nil)
		support.get(t, orderPage(tr.order.ID)).want(t, http.StatusOK)
		if n := len(changes(in.sim, tr.order.ID)); n != 0 {
			t.Fatalf("%s was sent without a record", d.verb)
		}
		mend()
		if p := support.post(t, tr.action, kept).want(t, http.StatusOK); p.hook("data-outcome") != "ok" {
			t.Errorf("%s ends as %q once the log takes rows", d.verb, p.hook("data-outcome"))
		}
		wantPair(t, in.dir, tr.order.ID, d.verb, "ok")
	}
}

// TestOutcomeNotRecorded: an outcome that cannot be written is not claimed either. The action stays open, and
// what the CMP answered is recorded once the log takes rows again.
func TestOutcomeNotRecorded(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "pause")
	mend := in.breakLog(t, "NEW.phase = 'outcome'")
	p := support.post(t, tr.action, tr.form).want(t, http.StatusOK)
	if p.hook("data-outcome") != "unknown" || p.hook("data-status") != cmpsim.StatusSuspended {
		t.Errorf("outcome %q and status %q are shown", p.hook("data-outcome"), p.hook("data-status"))
	}
	support.get(t, orderPage(tr.order.ID)+"/restart").want(t, http.StatusConflict).says(t, "The outcome of the last change is not known yet.")
	mend()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := in.awaitRow(ctx, t, func(r row) bool { return r.order == tr.order.ID && r.phase == "outcome" }); err != nil {
		t.Fatal(err)
	}
	wantPair(t, in.dir, tr.order.ID, "pause", "ok")
	if p := support.get(t, orderPage(tr.order.ID)).want(t, http.StatusOK); p.hook("data-outcome") != "ok" {
		t.Errorf("ends as %q once the log takes rows", p.hook("data-outcome"))
	}
	if n := len(changes(in.sim, tr.order.ID)); n != 1 {
		t.Errorf("%d changes were sent, want 1", n)
	}
}

// TestNoRecordNoSignIn: signing in is recorded or refused, like everything else.
func TestNoRecordNoSignIn(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	v := in.visitor(t)
	mend := in.breakLog(t, "1")
	door := v.get(t, "/login")
	sign := map[string][]string{"username": {"support"}, "password": {testPassword}}
	v.submit(t, door, "/login", sign).want(t, http.StatusServiceUnavailable).says(t, "Signing in could not be recorded, so it was refused.")
	if p := v.get(t, "/devices"); p.url.Path != "/login" {
		t.Errorf("a sign-in without a record opens %s", p.url)
	}
	mend()
	v.submit(t, door, "/login", sign).want(t, http.StatusOK)
}
