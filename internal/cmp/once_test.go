package cmp

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// hasty is a server that offers to keep each connection and closes it as soon as it has answered, so that
// whoever reuses one loses the race.
type hasty struct {
	mu     sync.Mutex
	orders map[string]int // requests that arrived, by order
	most   int            // requests on one connection
}

func (h *hasty) handle(conn net.Conn) {
	r := bufio.NewReader(conn)
	for n := 1; ; n++ {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		var body struct {
			OrderID string `json:"order_id"`
		}
		content, _ := io.ReadAll(req.Body)
		_ = json.Unmarshal(content, &body)
		h.mu.Lock()
		h.orders[body.OrderID]++
		h.most = max(h.most, n)
		h.mu.Unlock()
		if n > 1 {
			return // the lost race: the request is in and no answer comes
		}
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: keep-alive\r\n\r\n%s", len(goodAnswer), goodAnswer)
	}
}

// 200 changes against such a server, reads in between to leave idle connections lying about: each change is
// sent on a connection of its own, arrives once and is answered.
func TestChangesShareNoConnection(t *testing.T) {
	t.Parallel()
	h := &hasty{orders: map[string]int{}}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			served.Go(func() { defer conn.Close(); h.handle(conn) })
		}
	})
	c := client(t, "http://"+ln.Addr().String())
	for i := range 200 {
		_, _ = c.Devices(t.Context(), 1, 2)
		d := deeds(fmt.Sprintf("ORDER_%d", i))[i%5]
		if err := d.do(t.Context(), c); err != nil {
			t.Errorf("%d, %s: %v", i, d.name, err)
		}
	}
	_ = ln.Close()
	c.reads.CloseIdleConnections()
	served.Wait()
	for i := range 200 {
		if n := h.orders[fmt.Sprintf("ORDER_%d", i)]; n != 1 {
			t.Errorf("change %d arrived %d times", i, n)
		}
	}
}

// The connections of changes are closed after use, those of reads are kept.
func TestConnectionsOfChangesAreNotKept(t *testing.T) {
	t.Parallel()
	var asked, opened atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Close {
			asked.Add(1)
		}
		_, _ = io.WriteString(w, goodAnswer)
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	c := client(t, srv.URL)
	for range 10 {
		if err := c.CancelPackage(t.Context(), testOrder); err != nil {
			t.Fatal(err)
		}
	}
	if asked.Load() != 10 || opened.Load() != 10 {
		t.Errorf("10 changes: %d said close, %d connections", asked.Load(), opened.Load())
	}
	for range 10 {
		if _, err := c.Devices(t.Context(), 1, 2); err != nil {
			t.Fatal(err)
		}
	}
	if opened.Load() != 11 {
		t.Errorf("10 reads opened %d connections", opened.Load()-10)
	}
}

// net/http can repeat a request only with GetBody; a change leaves without.
func TestAChangeCannotBeRewound(t *testing.T) {
	t.Parallel()
	c := client(t, "http://127.0.0.1:1")
	rewindable := map[bool]int{}
	look := tripper(func(r *http.Request) (*http.Response, error) {
		rewindable[r.GetBody != nil]++
		return answered(goodAnswer), nil
	})
	c.changes.Transport = look
	for _, d := range deeds(testOrder) {
		if err := d.do(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	if rewindable[true] != 0 || rewindable[false] != len(deeds(testOrder)) {
		t.Errorf("%v", rewindable)
	}
}
