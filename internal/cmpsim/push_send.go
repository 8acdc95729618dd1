package cmpsim

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// pushTimeout is how long one push may take when nobody says otherwise.
const pushTimeout = 10 * time.Second

// PushAddresses are the full addresses that pushes go to, by kind. A kind without
// one is not sent. They lead to this machine only: what a sandbox tells must
// reach no console that somebody relies on.
type PushAddresses map[PushKind]string

// PushTo are the addresses under a base: base/order-status and so on.
func PushTo(base string) PushAddresses {
	a := PushAddresses{}
	for _, k := range PushKinds() {
		a[k] = strings.TrimRight(base, "/") + "/" + string(k)
	}
	return a
}

func (a PushAddresses) check() error {
	for k, text := range a {
		if !slices.Contains(PushKinds(), k) {
			return fmt.Errorf("push kind %q is unknown, use one of %q", k, PushKinds())
		}
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return fmt.Errorf("the address of %s pushes is no http address", k)
		}
		if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return fmt.Errorf("the address of %s pushes is not loopback: use 127.0.0.1, [::1] or localhost", k)
		}
	}
	return nil
}

// SetPushAddresses says where pushes go from now on.
func (s *Sim) SetPushAddresses(a PushAddresses) error {
	if err := a.check(); err != nil {
		return err
	}
	s.pushes.mu.Lock()
	defer s.pushes.mu.Unlock()
	s.pushes.addresses = a
	return nil
}

// pushClient reaches this machine only, whatever a name leads to, and follows
// nobody elsewhere. Certificates prove nothing there.
func pushClient(timeout time.Duration) *http.Client {
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return fmt.Errorf("%s is not loopback", address)
		}
		return nil
	}}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, MaxIdleConns: 1, IdleConnTimeout: time.Minute,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post sends one push and notes what came of it.
func (p *pusher) post(ctx context.Context, address string, one *Push) {
	if address == "" {
		one.Fate = FateNoAddress
		return
	}
	status, answer, err := p.exchange(ctx, address, one.Body)
	one.Status = status
	one.Answer, _ = bounded(answer)
	switch {
	case err != nil:
		one.Fate, one.Problem = FateFailed, err.Error()
	case one.Kind.accepted(status, answer):
		one.Fate = FateAccepted
	default:
		one.Fate = FateRefused
	}
}

// exchange keeps the address, which has a secret in it, out of its error.
func (p *pusher) exchange(ctx context.Context, address, body string) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return 0, nil, errors.New("the address cannot be used")
	}
	req.Header.Set("Content-Type", jsonType)
	res, err := p.client.Do(req)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err
		}
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, journalBody+1))
	return res.StatusCode, answer, err
}

// accepted judges an answer by the document: a bare 1 for an order, code "0" for
// an SMS.
func (k PushKind) accepted(status int, answer []byte) bool {
	if status != http.StatusOK {
		return false
	}
	if k == PushOrder {
		return string(answer) == "1"
	}
	var a struct {
		Code    any `json:"code"`
		Message any `json:"message"`
	}
	err := json.Unmarshal(answer, &a)
	_, text := a.Message.(string)
	return err == nil && text && a.Code == "0"
}
