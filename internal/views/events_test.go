package views

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/live"
)

// streaming is an open stream as a browser has it.
type streaming struct {
	t    *testing.T
	res  *http.Response
	in   *bufio.Reader
	stop func()
}

// stream opens one and reads its hello.
func (v *visitor) stream(topics []string, header ...string) *streaming {
	v.t.Helper()
	s := v.tryStream("/events?"+url.Values{"on": topics}.Encode(), header...)
	if s.res.StatusCode != http.StatusOK {
		v.t.Fatalf("answered %d", s.res.StatusCode)
	}
	if f := s.next(); f["event"] != "hello" || f["retry"] != "3000" || f["id"] == "" {
		v.t.Fatalf("it begins with %v", f)
	}
	return s
}

func (v *visitor) tryStream(path string, header ...string) *streaming {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), time.Minute)
	v.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.site.url+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = res.Body.Close() })
	return &streaming{v.t, res, bufio.NewReader(res.Body), cancel}
}

// next waits for the next event and returns its fields; comments stand under "".
func (s *streaming) next() map[string]string {
	s.t.Helper()
	fields := map[string]string{}
	for {
		line, err := s.in.ReadString('\n')
		if err != nil {
			s.t.Fatalf("the stream broke after %v: %v", fields, err)
		}
		if line == "\n" {
			return fields
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		fields[name] = strings.TrimPrefix(value, " ")
	}
}

func (s *streaming) wantChanged(topics string) map[string]string {
	s.t.Helper()
	f := s.next()
	if f["event"] != "changed" || f["data"] != topics {
		s.t.Errorf("told %v, want %q", f, topics)
	}
	return f
}

// wantEnd expects that the server has nothing more to say.
func (s *streaming) wantEnd() {
	s.t.Helper()
	if rest, err := io.ReadAll(s.in); err != nil || len(rest) > 0 {
		s.t.Errorf("goes on with %q, %v", rest, err)
	}
}

// ticking replaces the clock of the streams by the returned channel: whoever sends a tick knows then that a stream has taken it.
func (st *site) ticking() chan<- time.Time {
	tick := make(chan time.Time)
	st.beat = func() (<-chan time.Time, func()) { return tick, func() {} }
	return tick
}

// A stream tells of its topics as they change, and nobody on its way packs, keeps or holds it back.
func TestEvents(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	s := v.stream([]string{"order:7", "device:89852026000000001", "sync"}, "Accept-Encoding", "gzip")
	h := s.res.Header
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "X-Accel-Buffering": "no", "Cache-Control": "no-store", "Content-Encoding": "", "No-Gzip-Compression": ""} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	answer{s.res.StatusCode, h, ""}.wantHeaders(t, "GET /events", false)
	st.Live.Publish("order:8", "sync", "order:7")
	if f := s.wantChanged("order:7 sync"); f["id"] != st.Live.At() {
		t.Errorf("it is at %q, want %q", f["id"], st.Live.At())
	}
	st.Live.Publish("unread")
	st.Live.Publish("device:89852026000000001")
	s.wantChanged("device:89852026000000001")
	if a := v.do(http.MethodHead, "/events?on=sync", nil); a.status != http.StatusOK || a.header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("HEAD: %d %v", a.status, a.header)
	}
}

// While nothing changes a stream shows that it lives: by a comment for those between, by an event for the page.
func TestEventsBeat(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	tick := st.ticking()
	s := st.visit(t, auth.Support).stream([]string{"sync"})
	for range 3 {
		tick <- time.Now()
		if f := s.next(); f[""] != "beat" || f["event"] != "beat" || f["data"] == "" || f["id"] != "" {
			t.Errorf("beats with %v", f)
		}
	}
	if beatEvery > 20*time.Second {
		t.Errorf("it is silent for %s", beatEvery)
	}
}

// The server's limits for reading a request and writing an answer do not hold for streams.
func TestEventsOutliveTheServersLimits(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	tick := st.ticking()
	handler, err := st.Handler()
	if err != nil {
		t.Fatal(err)
	}
	const limit = 50 * time.Millisecond
	srv := httptest.NewUnstartedServer(handler)
	srv.Config.ReadTimeout, srv.Config.WriteTimeout = limit, limit
	srv.Start()
	t.Cleanup(srv.Close)
	st.url = srv.URL
	s := st.visit(t, auth.Support).stream([]string{"sync"})
	for begun := time.Now(); time.Since(begun) < 4*limit; {
		tick <- time.Now()
		s.next()
	}
	st.Live.Publish("sync")
	s.wantChanged("sync")
}

// A page that comes back tells where it was, and is told what it has missed; after another start of the console, to read anew.
func TestEventsResume(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	st.Live.Publish("order:1")
	at := st.Live.At()
	st.Live.Publish("order:2", "order:3")
	v.stream([]string{"order:1", "order:2", "order:4"}, "Last-Event-ID", at).wantChanged("order:2")
	s := v.tryStream("/events?on=order:3&last=" + at)
	if f := s.next(); f["event"] != "hello" || f["id"] != at {
		t.Errorf("it begins with %v, want to be at %s until it has told what was missed", f, at)
	}
	s.wantChanged("order:3")
	other := v.stream([]string{"order:1"}, "Last-Event-ID", live.New(live.Options{}).At())
	if f := other.next(); f["event"] != "refresh" || f["id"] != st.Live.At() {
		t.Errorf("after another start: %v", f)
	}
}

// Streams end at once when the console stops, and none begins.
func TestEventsEndWithTheConsole(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	first, second := v.stream([]string{"sync"}), v.stream([]string{"unread"})
	st.Live.Close()
	first.wantEnd()
	second.wantEnd()
	v.get("/events?on=sync").want(t, http.StatusServiceUnavailable)
}

// A stream ends with the session, and does not keep it: with the next beat or change when it has not been used for too long, and when
// the user may not see the topics any more. What has changed is not told then.
func TestEventsEndWithTheSession(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(st *site, v *visitor){
		"idle":     func(st *site, _ *visitor) { st.late.Store(int64(31 * time.Minute)) },
		"no right": func(st *site, v *visitor) { st.sql(v.t, `UPDATE account SET roles = 'guest'`) },
	} {
		for _, told := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, told %t", name, told), func(t *testing.T) {
				t.Parallel()
				st := newSite(t)
				tick := st.ticking()
				v := st.visit(t, auth.Support)
				s := v.stream([]string{"sync"})
				for _, late := range []time.Duration{10 * time.Minute, 20 * time.Minute, 29 * time.Minute} {
					st.late.Store(int64(late))
					tick <- time.Now()
					s.next()
				}
				end(st, v)
				if told {
					st.Live.Publish("sync")
				} else {
					tick <- time.Now()
				}
				if f := s.next(); f["event"] != "over" {
					t.Errorf("then it tells %v", f)
				}
				s.wantEnd()
			})
		}
	}
}

// Whoever signs out, or signs in anew, ends the streams of that session at once, with no beat and no change in between; those of other
// sessions of the same user go on, and are told nothing of it.
func TestEventsEndAtOnce(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.ticking()
	v, other, again := st.visit(t, auth.Support), st.visitAs(t, "other", auth.Support), st.visitAs(t, "again", auth.Support)
	second := st.visitAs(t, "other", auth.Support)
	out, stays, anew := other.stream([]string{"sync"}), second.stream([]string{"sync", "unread"}), again.stream([]string{"sync"})
	strangers := v.stream([]string{"sync"})
	other.post("/logout", nil).want(t, http.StatusSeeOther)
	again.post("/login", url.Values{"username": {"again"}, "password": {testPassword}}).want(t, http.StatusSeeOther)
	for _, s := range []*streaming{out, anew} {
		if f := s.next(); f["event"] != "over" {
			t.Errorf("its session has ended, and it tells %v", f)
		}
		s.wantEnd()
	}
	st.Live.Publish("unread", "sync")
	stays.wantChanged("sync unread")
	strangers.wantChanged("sync")
}

// sql changes the database behind the console's back.
func (st *site) sql(t *testing.T, statement string) {
	t.Helper()
	err := st.db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Nobody takes all the streams: one more than a user may have is refused in words, until another one is closed.
func TestEventsLimit(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	first := v.stream([]string{"sync"})
	v.stream([]string{"sync"})
	v.stream([]string{"sync"})
	if a := v.get("/events?on=sync").want(t, http.StatusTooManyRequests); !strings.Contains(a.body, "Close some of them") {
		t.Errorf("it says %s", textOf(a.tree(t)))
	}
	st.visit(t, auth.Manager).stream([]string{"sync"})
	first.stop()
	deadline := time.Now().Add(20 * time.Second)
	for v.tryStream("/events?on=sync").res.StatusCode != http.StatusOK {
		if time.Now().After(deadline) {
			t.Fatal("a stream that was closed makes no room")
		}
	}
}

// Whoever may not open the pages of a thing is not told that it has changed; and there are no other topics.
func TestEventsTopics(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	for _, on := range []string{"", "on=", "on=orders", "on=order", "on=order:", "on=order:a%20b", "on=device:1", "on=message:x", "on=sync:1", "on=user:support", "on=batch:1", "on=ORDER:1", "on=sync&on=all", strings.Repeat("on=sync&", topicsAtMost+1)} {
		if a := v.get("/events?" + on); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%.30q: %d", on, a.status)
		}
	}
	pages := map[string]string{"order:1": "/orders/:id", "device:89852026000000001": "/devices/:id", "message:LK1": "/sms/:msg_id", "messages": "/sms", "batch:ABCDEFGHIJKLMNOPQRSTUVWX27": "/orders/batches/:batch", "labels:ABCDEFGHIJKLMNOPQRSTUVWX27": "/devices/annotations/:annotation", "sync": "/sync", "pushes": "/pushes"}
	for _, r := range routes() {
		for topic, path := range pages {
			if rule, ok := ruleOf(topic); r.method == get && r.path == path && (!ok || rule.permission != r.permission) {
				t.Errorf("%s needs %q, its page %q", topic, rule.permission, r.permission)
			}
		}
	}
	nobody := auth.Identity{UserID: 1, Roles: []auth.Role{"guest"}}
	for word := range topicRules {
		if topic := forbiddenTopic(nobody, []string{word}); topic == "" {
			t.Errorf("anybody may listen to %s", word)
		}
	}
}

// An open page that reads itself anew is one look, however often it does; the next page, another session, and the next hour are others.
func TestALookIsRecordedOnce(t *testing.T) {
	t.Parallel()
	var late atomic.Int64
	st := newSite(t, func(d *Deps) { d.Now = func() time.Time { return time.Now().Add(time.Duration(late.Load())) } })
	v := st.visit(t, auth.Support)
	order := "/orders/" + cmpsim.DemoOrder
	rows := func() int {
		list, err := st.Audit.List(t.Context(), audit.Filter{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	again := func(v *visitor, path string) answer { return v.get(path, liveHeader, "1", "HX-Request", "true") }
	for _, step := range []struct {
		what string
		do   func() answer
		rows int
	}{
		{"the header alone", func() answer { return again(v, order) }, 1},
		{"then by itself", func() answer { return again(v, order) }, 0},
		{"by hand", func() answer { return v.get(order) }, 1},
		{"by itself, often", func() answer { again(v, order); again(v, order); return again(v, order) }, 0},
		{"the device", func() answer { return again(v, "/devices/"+cmpsim.DemoInUse) }, 1},
		{"another tab of it", func() answer { return again(v, "/devices/"+cmpsim.DemoInUse+"/orders") }, 1},
		{"somebody else", func() answer { return again(st.visit(t, auth.Auditor), order) }, 1},
		{"the callbacks", func() answer { again(v, "/pushes"); return again(v, "/pushes") }, 1},
		{"what is recorded each time", func() answer { again(v, "/audit"); return again(v, "/audit") }, 2},
		{"an hour later", func() answer { late.Store(int64(time.Hour)); return again(v, order) }, 1},
	} {
		before := rows()
		step.do().want(t, http.StatusOK)
		if got := rows() - before; got != step.rows {
			t.Errorf("%s: %d rows, want %d", step.what, got, step.rows)
		}
	}
}

// A page that reads itself anew gets what stands in main and nothing around it; it keeps no session, and leads nobody away.
func TestReadByItself(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	a := v.get("/orders/"+cmpsim.DemoOrder, liveHeader, "1", "HX-Request", "true").want(t, http.StatusOK)
	if strings.Contains(a.body, "<title") || strings.Contains(a.body, "hx-swap-oob") || !strings.Contains(a.body, cmpsim.DemoOrder) {
		t.Errorf("it gets %.300s", a.body)
	}
	for range 5 {
		st.late.Add(int64(7 * time.Minute))
		a = v.get("/sync", liveHeader, "1", "HX-Request", "true")
	}
	if a.status != http.StatusUnauthorized || a.header.Get("HX-Redirect") != "" {
		t.Errorf("after 35 minutes without a use: %d, to %q", a.status, a.header.Get("HX-Redirect"))
	}
	if _, err := st.Sessions.Peek(requested(t, "/", "session", v.cookie("session")).Request); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("the session: %v", err)
	}
}
