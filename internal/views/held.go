package views

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
)

// heldAtMost is how much of an answer, compressed already, is kept back before its drawing waits too.
const heldAtMost = 64 << 10

// held keeps an answer back until the row of the look at it is there, or has failed. It stands behind the compression, so that a page is
// drawn and compressed while the row is written.
type held struct {
	http.ResponseWriter

	recorded func() error // waits for the row; nil when none is due
	status   int
	waiting  []byte
}

type heldKey struct{}

// holding gives each answer the means to be kept back.
func holding(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := &held{ResponseWriter: w}
		next.ServeHTTP(h, r.WithContext(context.WithValue(r.Context(), heldKey{}, h)))
		h.release()
	})
}

// hold keeps the answer back from here on.
func hold(c *gin.Context, recorded func() error) {
	if h, ok := c.Request.Context().Value(heldKey{}).(*held); ok {
		h.recorded = recorded
	}
}

func (h *held) WriteHeader(status int) {
	if h.recorded == nil {
		h.ResponseWriter.WriteHeader(status)
		return
	}
	h.status = status
}

func (h *held) Write(data []byte) (int, error) {
	if h.recorded != nil && len(h.waiting)+len(data) <= heldAtMost {
		h.waiting = append(h.waiting, data...)
		return len(data), nil
	}
	h.release()
	return h.ResponseWriter.Write(data)
}

// Flush sends what there is, once the row is there.
func (h *held) Flush() {
	h.release()
	_ = http.NewResponseController(h.ResponseWriter).Flush() // who cannot flush sends at the end
}

// Unwrap is for http.ResponseController, which sets the time limits of a stream.
func (h *held) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// release waits for the row, and sends what was kept back.
func (h *held) release() {
	if h.recorded == nil {
		return
	}
	_ = h.recorded() // it was logged, and what may not leave without it did not begin to
	h.recorded = nil
	if h.status != 0 {
		h.ResponseWriter.WriteHeader(h.status)
	}
	if len(h.waiting) > 0 {
		_, _ = h.ResponseWriter.Write(h.waiting) // the browser has gone: there is nobody left to tell
	}
	h.waiting = nil
}
