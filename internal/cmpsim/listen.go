package cmpsim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// grace is how long requests in flight may take once the sandbox stops.
const grace = time.Second

// Listen opens a loopback address and refuses any other: the sandbox asks
// nobody who they are, and its control door is open.
func Listen(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("sandbox address %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("sandbox address %q is not loopback: use 127.0.0.1, [::1] or localhost", addr)
	}
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("open the sandbox's address: %w", err)
	}
	// A hosts file may send localhost anywhere, so the result is checked too.
	if tcp, ok := ln.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return nil, errors.Join(fmt.Errorf("sandbox address %q leads to %s, which is not loopback", addr, ln.Addr()), ln.Close())
	}
	return ln, nil
}

// Serve answers on the listener, the API and the control door, and sends pushes,
// until ctx ends. Requests in flight get a moment to finish, then are cut off.
func (s *Sim) Serve(ctx context.Context, ln net.Listener) error {
	var pushing sync.WaitGroup
	defer pushing.Wait()
	ctx, stopPushing := context.WithCancel(ctx)
	defer stopPushing()
	pushing.Go(func() { s.Deliver(ctx) })
	mux := http.NewServeMux()
	mux.Handle("/", s.Handler())
	mux.Handle("/sandbox/", s.Control())
	// Requests outlive ctx until the grace is over, but not the server.
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	srv := &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return base },
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve the sandbox: %w", err)
	case <-ctx.Done():
	}
	err := shutdown(srv, base)
	<-done //nolint:errcheck // http.ErrServerClosed, always, once shutdown has returned
	return err
}

func shutdown(srv *http.Server, base context.Context) error {
	ctx, cancel := context.WithTimeout(base, grace)
	defer cancel()
	err := srv.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}
	if err != nil {
		return fmt.Errorf("stop the sandbox: %w", err)
	}
	return nil
}
