package auth

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/sessions"
)

func TestGorillaRoundTrip(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	id, cookie := g.login(t, g.user(t, "anna", Support))
	r, w := request(t, cookie), httptest.NewRecorder()
	session, err := g.sessions.Get(r, g.sessions.CookieName())
	if err != nil || session.IsNew || !strings.HasPrefix(session.ID, id.Session) || len(session.Values) != 0 {
		t.Fatalf("got %+v, %v", session, err)
	}
	if again, _ := g.sessions.Get(r, g.sessions.CookieName()); again != session {
		t.Error("the registry gave a second session in one request")
	}
	session.Values["page"] = 3
	session.AddFlash("The order was paused.")
	if err := sessions.Save(r, w); err != nil || len(w.Result().Cookies()) != 0 {
		t.Fatalf("%v, cookies %v", err, w.Result().Cookies())
	}
	next, err := g.sessions.Get(request(t, cookie), g.sessions.CookieName())
	if err != nil || next.Values["page"] != 3 {
		t.Fatalf("got %+v, %v", next, err)
	}
	if flashes := next.Flashes(); len(flashes) != 1 || flashes[0] != "The order was paused." {
		t.Errorf("got %v", flashes)
	}
	delete(next.Values, "page")
	if err := next.Save(request(t, cookie), w); err != nil {
		t.Fatal(err)
	}
	if n := g.count(t, `SELECT count(*) FROM session WHERE length(data) > 0`); n != 0 {
		t.Error("the flash is still stored")
	}
}

func TestGorillaWithoutASession(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, gone := g.login(t, g.user(t, "anna", Support))
	g.clock.add(defaultIdle)
	r := request(t, gone)
	session, err := g.sessions.Get(r, g.sessions.CookieName())
	if err != nil || !session.IsNew || session.ID != "" {
		t.Fatalf("got %+v, %v", session, err)
	}
	if err := sessions.Save(r, httptest.NewRecorder()); err != nil {
		t.Errorf("saving nothing: %v", err)
	}
	session.Values["x"] = 1
	if err := session.Save(r, httptest.NewRecorder()); !errors.Is(err, ErrNoSession) || g.sessionRows(t) != 0 {
		t.Errorf("a session began without a sign-in: %v", err)
	}
	if other, err := g.sessions.Get(r, "other"); err == nil || other == nil {
		t.Error("a second session name must be refused")
	}
}

func TestGorillaSaveDoesNotRevive(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, cookie := g.login(t, g.user(t, "anna", Support))
	r := request(t, cookie)
	session, err := g.sessions.Get(r, g.sessions.CookieName())
	if err != nil {
		t.Fatal(err)
	}
	g.exec(t, `DELETE FROM session`)
	session.AddFlash("too late")
	if err := session.Save(r, httptest.NewRecorder()); !errors.Is(err, ErrNoSession) || g.sessionRows(t) != 0 {
		t.Errorf("got %v with %d rows", err, g.sessionRows(t))
	}
}

func TestGorillaSaveEndsTheSession(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, cookie := g.login(t, g.user(t, "anna", Support))
	r, w := request(t, cookie), httptest.NewRecorder()
	session, err := g.sessions.Get(r, g.sessions.CookieName())
	if err != nil {
		t.Fatal(err)
	}
	session.Options.MaxAge = -1
	if err := session.Save(r, w); err != nil || g.sessionRows(t) != 0 || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("%v, %d rows, cookies %v", err, g.sessionRows(t), w.Result().Cookies())
	}
}

func TestGorillaDataIsBounded(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, cookie := g.login(t, g.user(t, "anna", Support))
	r := request(t, cookie)
	session, err := g.sessions.Get(r, g.sessions.CookieName())
	if err != nil {
		t.Fatal(err)
	}
	session.Values["x"] = strings.Repeat("x", maxSessionData)
	if err := session.Save(r, httptest.NewRecorder()); err == nil {
		t.Error("any amount of data fits")
	}
}
