package cmp

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const goodAnswer = `{"code":"0000","data":null,"message":"Success","success":true}`

// spoil is a server that takes a request and breaks its answer.
type spoil struct {
	name   string
	answer http.HandlerFunc
	status int  // that the error tells; 0 when no head came
	again  bool // a read asks three times
}

func spoils() []spoil {
	return []spoil{
		{"closes without an answer", abort, 0, true},
		{"closes before reading the body", func(w http.ResponseWriter, _ *http.Request) { drop(w, false) }, 0, true},
		{"resets after reading", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); drop(w, true) }, 0, true},
		{"cuts the body", declare("1000", `{"code":"0000","success":true}`), 200, true},
		{"cuts a chunked body", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"code":"0000","success":true}`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, 200, true},
		{"cuts a body of unknown length", raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + goodAnswer[:30]), 200, false},
		{"sends nonsense", raw("220 smtp ready\r\n\r\n"), 0, false},
		{"sends half a head", raw("HTTP/1.1 200 OK\r\nContent-Ty"), 0, false},
		{"sends an endless head", raw("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", maxHeader+1) + "\r\n\r\n" + goodAnswer), 0, false},
		{"shows a page", says(200, "<html>welcome</html>"), 200, false},
		{"sends bad JSON", says(200, `{"code":"0000","data":{"order_id":,"message":"成`), 200, false},
		{"sends nothing", says(200, ""), 200, false},
		{"sends no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, 204, false},
		{"redirects for good", redirect(http.StatusPermanentRedirect), 308, false},
		{"redirects for now", redirect(http.StatusTemporaryRedirect), 307, false},
		{"redirects to a page", redirect(http.StatusFound), 302, false},
		{"is busy", says(429, `{"message":"too many requests"}`), 429, true},
		{"failed", says(500, `{"error":"Internal Server Error"}`), 500, false},
		{"failed, with a refusal", says(500, `{"code":"9999","message":"x","success":false}`), 500, false},
		{"failed, with a success", says(503, goodAnswer), 503, true},
		{"is a bad gateway", says(502, "<html>502</html>"), 502, true},
		{"is unavailable", says(503, "<html>503</html>"), 503, true},
		{"timed out behind", says(504, ""), 504, true},
		{"is not found", says(404, `{"error_msg":"404 Route Not Found"}`), 404, false},
		{"cuts compressed data", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped(goodAnswer)[:30])
		}, 200, true},
	}
}

func abort(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// drop ends the connection, with a TCP reset or in order.
func drop(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func declare(length, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", length)
		_, _ = io.WriteString(w, body)
	}
}

// raw sends these bytes in place of an answer and closes.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, text)
		_ = conn.Close()
	}
}

func redirect(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, status) }
}

func zipped(text string) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		panic(err)
	}
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.Bytes()
}

// counted counts the requests that reach a handler.
func counted(n *atomic.Int32, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { n.Add(1); h(w, r) }
}

// Whatever the server does after it was reached, a call that it did not clearly answer is unknown. A change was asked
// for exactly once, a read three times if that may help.
func TestALostAnswerIsUnknown(t *testing.T) {
	t.Parallel()
	for _, s := range spoils() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for i, d := range append(deeds(testOrder), enquiries()...) {
				var n atomic.Int32
				e := failure(t, d.do(t.Context(), client(t, serve(t, counted(&n, s.answer)).URL)))
				if e.Kind != Unknown || e.HTTPStatus != s.status || e.Timeout() {
					t.Errorf("%s: %v, status %d", d.name, e, e.HTTPStatus)
				}
				want := int32(1)
				if isRead := i >= len(deeds(testOrder)); isRead && s.again {
					want = 3
				}
				if n.Load() != want {
					t.Errorf("%s: %d requests, want %d", d.name, n.Load(), want)
				}
			}
		})
	}
}

// An answer is read to 16 MiB and no further, compressed or not.
func TestAnAnswerTooLargeIsUnknown(t *testing.T) {
	t.Parallel()
	fitting := goodAnswer + strings.Repeat(" ", maxAnswer-len(goodAnswer))
	packed := zipped(fitting + " ")
	for name, answer := range map[string]http.HandlerFunc{
		"plain": says(200, fitting+" "),
		"compressed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed)
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			for spaces := strings.Repeat(" ", 1<<16); ; {
				if _, err := io.WriteString(w, spaces); err != nil {
					return
				}
			}
		},
	} {
		e := failure(t, client(t, serve(t, answer).URL).CancelPackage(t.Context(), testOrder))
		if e.Kind != Unknown || e.Err == nil || !strings.Contains(e.Err.Error(), "16 MiB") || len(e.Excerpt) > 2*maxExcerpt {
			t.Errorf("%s: %v", name, e)
		}
	}
	if err := client(t, serve(t, says(200, fitting)).URL).CancelPackage(t.Context(), testOrder); err != nil {
		t.Errorf("an answer of just that size: %v", err)
	}
}

// When the time limit comes after the request arrived, nobody knows what became of it.
func TestATimeLimitAfterTheRequestIsUnknown(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]string{"before the answer": "", "within the head": "HTTP/1.1 200 OK\r\n", "within the body": "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"} {
		for _, d := range append(deeds(testOrder), enquiries()...) {
			var n atomic.Int32
			ctx := newExpiring(t.Context())
			srv := serve(t, counted(&n, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					panic(err)
				}
				defer conn.Close()
				_, _ = io.WriteString(conn, after)
				ctx.expire()
				_, _ = io.Copy(io.Discard, conn) // until the caller has left
			}))
			if e := failure(t, d.do(ctx, client(t, srv.URL))); e.Kind != Unknown || !e.Timeout() || n.Load() != 1 {
				t.Errorf("%s, %s: %v (time limit: %v), %d requests", d.name, name, e, e.Timeout(), n.Load())
			}
		}
	}
}

// A server that says nothing, or says it one byte at a time, does not hold a call longer than the time limit.
func TestASlowAnswerEndsWithTheTimeLimit(t *testing.T) {
	t.Parallel()
	const limit = 2 * time.Second // long enough for a busy machine to send the request
	for name, answer := range map[string]http.HandlerFunc{
		"hangs":           func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() },
		"trickles":        trickle(""),
		"trickles a head": trickle("HTTP/1.1 200 OK\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			begun := time.Now()
			e := failure(t, client(t, serve(t, counted(&n, answer)).URL, within(limit)).CancelPackage(t.Context(), testOrder))
			if took := time.Since(begun); e.Kind != Unknown || !e.Timeout() || n.Load() != 1 || took < limit || took > 15*time.Second {
				t.Errorf("%v (time limit: %v) after %v, %d requests", e, e.Timeout(), took, n.Load())
			}
		})
	}
}

// trickle sends a byte every few milliseconds until the caller leaves: of a body, or of the given raw head.
func trickle(head string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		send := func() error {
			_, err := io.WriteString(w, " ")
			return errors.Join(err, http.NewResponseController(w).Flush())
		}
		if head != "" {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, head)
			send = func() error { _, err := io.WriteString(conn, "x"); return err }
		}
		for range tick.C {
			if send() != nil || r.Context().Err() != nil {
				return
			}
		}
	}
}

// A caller who leaves after the request left knows nothing about it, and nothing is said about the CMP either.
func TestACallerWhoLeaves(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	c := client(t, serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		leave()
		<-r.Context().Done()
	}).URL)
	e := failure(t, c.CancelPackage(ctx, testOrder))
	if e.Kind != Unknown || e.Timeout() || !errors.Is(e, context.Canceled) {
		t.Errorf("got %v", e)
	}
	if h := c.Health(); !h.At.IsZero() {
		t.Errorf("health %+v", h)
	}
}
