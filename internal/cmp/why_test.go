package cmp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestWhy(t *testing.T) {
	t.Parallel()
	late, gone := fmt.Errorf("Post: %w", context.DeadlineExceeded), fmt.Errorf("Post: %w", context.Canceled)
	for _, tt := range []struct {
		fail Error
		want string
	}{
		{Error{Kind: NotSent, Err: fmt.Errorf("%w: %w", errBusy, late)}, "The console was too busy to send this in time."},
		{Error{Kind: NotSent, Err: gone}, "The call was given up before it ended."},
		{Error{Kind: NotSent, Err: errNoCause}, "Ending an order early needs a reason, so nothing was sent."},
		{Error{Kind: NotSent, Err: late, took: 2900 * time.Millisecond}, "No connection to the CMP was made within 3 s."},
		{Error{Kind: NotSent, Err: late}, "No connection to the CMP was made in time."},
		{Error{Kind: NotSent, Err: http.ErrSchemeMismatch}, "The CMP speaks no TLS where its address says https."},
		{Error{Kind: NotSent, Err: &tls.CertificateVerificationError{Err: errors.New("expired")}}, "The CMP's certificate is not trusted."},
		{Error{Kind: NotSent, Err: &net.OpError{Op: "dial", Err: &net.DNSError{Name: "cmp.example.com"}}}, "The name of the CMP's host is not known."},
		{Error{Kind: NotSent, Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, "No connection to the CMP could be made."},
		{Error{Kind: NotSent, Err: io.EOF}, "The request could not be sent."},
		{Error{Kind: NotFound}, "The CMP knows no such thing."},
		{Error{Kind: NotFound, Err: errNoDevice}, "The answer holds no device."},
		{Error{Kind: Rejected, HTTPStatus: 200, Code: "3002", Message: "no"}, "The CMP refused it."},
		{Error{Kind: Rejected, HTTPStatus: 400, Code: "3002"}, "The CMP refused it (HTTP 400)."},
		{Error{Kind: Unauthorised, HTTPStatus: 401, Message: "no"}, "The CMP's gateway refused our signature or our rights (HTTP 401)."},
		{Error{Err: late, took: 30 * time.Second}, "The CMP did not answer within 30 s."},
		{Error{Err: gone}, "The call was given up before it ended."},
		{Error{Err: io.EOF}, "The connection broke before an answer came."},
		{Error{}, "The connection broke before an answer came."},
		{Error{HTTPStatus: 200, Err: late, took: 30 * time.Second}, "The answer was not complete within 30 s."},
		{Error{HTTPStatus: 200, Err: io.ErrUnexpectedEOF}, "The answer was cut off."},
		{Error{HTTPStatus: 502, Err: fmt.Errorf("%w: <", errNotJSON), Excerpt: "<html>"}, "The CMP, or the gateway before it, has failed (HTTP 502)."},
		{Error{HTTPStatus: 200, Err: fmt.Errorf("%w: <", errNotJSON), Excerpt: "<html>"}, "The answer is not JSON."},
		{Error{HTTPStatus: 429, Err: errNoCode}, "The CMP is asked too often and refuses to answer for now (HTTP 429)."},
		{Error{HTTPStatus: 408, Err: errServerFailed}, "The HTTP status says neither done nor refused (HTTP 408)."},
		{Error{HTTPStatus: 200, Err: errTooLarge}, "The answer is larger than 16 MiB."},
	} {
		if got := tt.fail.Why(); got != tt.want {
			t.Errorf("%v: %q, want %q", &tt.fail, got, tt.want)
		}
	}
}

// Nothing but the CMP's answer is ever given as its words, and none of its words, nor its address, as ours.
func TestOurWordsAndTheCMPsAreApart(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	for _, tt := range deafPlaces(t, &reached) {
		c := client(t, tt.base, tt.edit)
		if tt.trusted != nil {
			trust(c, tt.trusted)
		}
		for _, d := range append(deeds(testOrder), enquiries()...) {
			if e := failure(t, d.do(tt.ctx, c)); e.Code+e.Message+e.Excerpt != "" || !ours(e.Why()) {
				t.Errorf("%s, %s: %v, why %q", tt.name, d.name, e, e.Why())
			}
		}
	}
	for _, body := range []string{`{"code":"Zq7","message":"Zq7"}`, `{"code":"0000","message":"Zq7","success":"Zq7"}`, `{"code":"0000","data":{"device":"Zq7","package_order":"Zq7"}}`, "Zq7"} {
		c := client(t, serve(t, says(200, body)).URL)
		for _, d := range enquiries() {
			if err := d.do(t.Context(), c); err != nil && !ours(failure(t, err).Why()) {
				t.Errorf("%s, %s: why %q", d.name, body, failure(t, err).Why())
			}
		}
	}
	e := failure(t, client(t, serve(t, raw("Zq7 smtp ready\r\n\r\n")).URL).CancelPackage(t.Context(), testOrder))
	if e.Why() != "The connection broke before an answer came." || e.Message != "" {
		t.Errorf("%v, why %q", e, e.Why())
	}
}

// ours tells that a sentence holds no address and none of what the test's CMP says.
func ours(why string) bool {
	for _, alien := range []string{"127.0.0.1", "http:", "https:", "Zq7", "smtp", testAccessKey} {
		if strings.Contains(why, alien) {
			return false
		}
	}
	return strings.HasSuffix(why, ".")
}
