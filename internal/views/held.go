package views

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// heldAtMost is how much of an answer, compressed already, is kept back before its drawing waits too.
const heldAtMost = 64 << 10

// heldUsually is what a page takes, compressed.
const heldUsually = 16 << 10

// held keeps an answer back until the row of the look at it is there, or has failed. It stands behind the compression, so that a page is
// drawn and compressed while the row is written.
type held struct {
	http.ResponseWriter

	recorded func() error // waits for the row; nil when none is due
	after    func()       // is told when the answer is whole, before the last of it leaves
	status   int
	waiting  []byte
}

// holding gives each answer the means to be kept back. When a handler gives the connection up the row is waited for, and nothing sent.
func holding(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := &held{ResponseWriter: w}
		defer h.settle()
		next.ServeHTTP(h, r)
		h.settle()
		h.release()
	})
}

// hold keeps the answer back from here on. Where it cannot be, it waits here.
func hold(c *gin.Context, recorded func() error) {
	if h := heldBy(c); h != nil {
		h.recorded = recorded
		return
	}
	_ = recorded()
}

// whenWhole calls fn when the answer is whole.
func whenWhole(c *gin.Context, fn func()) {
	if h := heldBy(c); h != nil {
		h.after = fn
		return
	}
	fn()
}

func heldBy(c *gin.Context) *held {
	var w http.ResponseWriter = c.Writer
	for {
		switch is := w.(type) {
		case *held:
			return is
		case interface{ Unwrap() http.ResponseWriter }:
			w = is.Unwrap()
		default:
			return nil
		}
	}
}

// WriteHeader keeps the first status. Answers that come before the last one, of 1xx, are not among ours.
func (h *held) WriteHeader(status int) {
	switch {
	case h.recorded == nil:
		h.ResponseWriter.WriteHeader(status)
	case h.status == 0:
		h.status = status
	}
}

func (h *held) Write(data []byte) (int, error) {
	if h.recorded != nil && len(h.waiting)+len(data) <= heldAtMost {
		if h.waiting == nil {
			h.waiting = make([]byte, 0, heldUsually)
		}
		h.waiting = append(h.waiting, data...)
		return len(data), nil
	}
	h.release()
	return h.ResponseWriter.Write(data)
}

// FlushError sends what there is, once the row is there.
func (h *held) FlushError() error {
	h.release()
	return http.NewResponseController(h.ResponseWriter).Flush()
}

// Flush is for those who ask for an http.Flusher.
func (h *held) Flush() { _ = h.FlushError() }

// Unwrap is for http.ResponseController, which sets the time limits of a stream.
func (h *held) Unwrap() http.ResponseWriter { return h.ResponseWriter }

func (h *held) settle() {
	if h.recorded != nil {
		_ = h.recorded() // it was logged, and what may not leave without it did not begin to
	}
	if h.after != nil {
		h.after()
		h.after = nil
	}
}

// release waits for the row, and sends what was kept back.
func (h *held) release() {
	if h.recorded == nil {
		return
	}
	_ = h.recorded()
	h.recorded = nil
	if h.status != 0 {
		h.ResponseWriter.WriteHeader(h.status)
	}
	if len(h.waiting) > 0 {
		_, _ = h.ResponseWriter.Write(h.waiting) // the browser has gone: there is nobody left to tell
	}
	h.waiting = nil
}
