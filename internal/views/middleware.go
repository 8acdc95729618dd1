package views

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/webhook"
)

// maxBody bounds what a form may send, maxPasted a list of ten thousand numbers.
const (
	maxBody   = 64 << 10
	maxPasted = 2 << 20
)

// policy allows our own files and nothing else: no inline script or style, no eval, no third party.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// identify gives the request an id of our own making, which the log, the audit log and error pages show.
func (s *Server) identify(c *gin.Context) {
	id := rand.Text()[:16]
	c.Set(keyRequestID, id)
	c.Set(keyStart, s.Now())
	c.Header("X-Request-Id", id)
}

// logRequest writes one line a request, with how long it took until the answer was whole and its row written. Paths only: queries and forms may hold what is nobody's business.
func (s *Server) logRequest(c *gin.Context) {
	start := time.Now()
	c.Next()
	level, attrs := slog.LevelInfo, []slog.Attr{
		slog.String("request_id", c.GetString(keyRequestID)), slog.String("method", c.Request.Method), slog.String("path", shownPath(c.Request.URL.Path)),
		slog.Int("status", c.Writer.Status()), slog.String("ip", c.ClientIP()), slog.String("user", operator(c).Name),
	}
	if cause, ok := c.Value(keyCause).(error); ok {
		attrs = append(attrs, slog.String("err", cause.Error()))
		if c.Writer.Status() >= 500 {
			level = slog.LevelError
		}
	}
	ctx := c.Request.Context()
	whenWhole(c, func() {
		s.Logger.LogAttrs(ctx, level, "request", append(attrs, slog.Float64("took_ms", float64(time.Since(start).Microseconds())/1000))...)
	})
}

// recoverPanic turns a panic into an error page. Unlike Gin's it never prints the request's headers.
func (s *Server) recoverPanic(c *gin.Context) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler { //nolint:errorlint // the sentinel itself is what net/http looks for
			panic(p)
		}
		s.Logger.Error("panic", "request_id", c.GetString(keyRequestID), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		if c.Writer.Written() {
			c.Abort()
			return
		}
		s.fail(c, fmt.Errorf("panic: %v", p))
	}()
	c.Next()
}

// secureHeaders go on every answer, errors and static files included.
func (s *Server) secureHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
	h.Set("Cache-Control", "no-store")
	if s.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// readForm reads the form of a request, because Gin would take one that is too large for an empty one.
func (s *Server) readForm(c *gin.Context) {
	if strings.HasPrefix(c.FullPath(), pushPath) { // no form, whatever the sender says that it is
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, webhook.MaxBody)
		return
	}
	most, words := int64(maxBody), "64 KB"
	if c.FullPath() == "/search" {
		most, words = maxPasted, "2 MB"
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
	err := errors.Join(c.Request.ParseForm(), c.Request.ParseMultipartForm(most))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		s.guest(c)
		s.fail(c, fault.Wrap(fault.TooLarge, err, "The form is larger than "+words+". Nothing was done."))
	}
}

// checkOrigin refuses changes that another site sends through the operator's browser. Callbacks go by their token and no cookie, so
// nothing is gained by sending one that way, and who does not know the token is to learn nothing.
func (s *Server) checkOrigin(origin *http.CrossOriginProtection) gin.HandlerFunc {
	return func(c *gin.Context) {
		if strings.HasPrefix(c.Request.URL.Path, pushPath) {
			return
		}
		if err := origin.Check(c.Request); err != nil {
			s.guest(c)
			s.deny(c, route{action: audit.AccessDenied}, "cross-origin request")
			s.fail(c, fault.Wrap(fault.Forbidden, err, "This request came from another site, so nothing was done."))
		}
	}
}
