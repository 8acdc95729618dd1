package cmp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// An answer that repeats the signature where our own cut falls must not show it but for one character.
func TestACutSignatureIsHiddenToo(t *testing.T) {
	t.Parallel()
	const length = 44 // of a signature
	for _, form := range []string{"<html>%s%s", `{"code":"9999","message":"%s%s"}`} {
		for pad := maxExcerpt - length - 10; pad <= maxExcerpt; pad++ {
			var signature string
			c := client(t, "http://cmp.example.com")
			c.changes.Transport = tripper(func(r *http.Request) (*http.Response, error) {
				signature = r.Header.Get(headerSignature)
				body := fmt.Sprintf(form, strings.Repeat("x", pad), signature)
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}}, nil
			})
			e := failure(t, c.CancelPackage(t.Context(), testOrder))
			for _, text := range []string{e.Error(), e.Message, e.Excerpt} {
				if len(signature) != length || strings.Contains(text, signature[:5]) {
					t.Errorf("after %d characters %q stands in %s", pad, signature, text)
				}
			}
		}
	}
}

// net/http quotes a head that it cannot read in its own error.
func TestASignatureInABrokenHeadIsHidden(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	sent := make(chan string, 1)
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		sent <- r.Header.Get(headerSignature)
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nX-Hmac-Signature %s\r\n\r\n", r.Header.Get(headerSignature))
	}()
	var log journal
	c := client(t, "http://"+ln.Addr().String(), func(o *Options) { o.Logger = log.logger() })
	e := failure(t, c.CancelPackage(t.Context(), testOrder))
	if signature := <-sent; e.Kind != Unknown || strings.Contains(e.Error()+log.String()+fmt.Sprintf("%+v", *e), signature) {
		t.Errorf("got %v", e)
	}
	if !strings.Contains(e.Error(), "[redacted]") {
		t.Errorf("the server's words are missing in %v", e)
	}
}

// Hiding the text of a cause hides nothing of what it is.
func TestAHiddenCauseIsStillTheCause(t *testing.T) {
	t.Parallel()
	e := &Error{Err: fmt.Errorf("signature: %w", context.DeadlineExceeded)}
	e.scrub(http.Header{http.CanonicalHeaderKey(headerSignature): {"signature"}})
	if strings.Contains(e.Error(), "signature") || !e.Timeout() || !errors.Is(e, context.DeadlineExceeded) {
		t.Errorf("got %v", e)
	}
}
