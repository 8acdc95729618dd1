package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"github.com/gorilla/sessions"
)

const tokenSize = 32 // bytes of randomness in a session id

// CookieName returns the name of the session's cookie. Browsers take the one with the prefix only over TLS and only
// from this very host, so no neighbour can plant one.
func (s *Sessions) CookieName() string {
	if s.secure {
		return "__Host-session"
	}
	return "session"
}

// newToken returns a new session id as it stands in the cookie.
func newToken() string {
	b := make([]byte, tokenSize)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// keyOf returns what the database knows the session by.
func keyOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// token returns the session id that the request carries, if it looks like one.
func (s *Sessions) token(r *http.Request) (string, bool) {
	c, err := r.Cookie(s.CookieName())
	if err != nil || len(c.Value) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return "", false
	}
	return c.Value, true
}

func (s *Sessions) cookieOptions() *sessions.Options {
	return &sessions.Options{Path: "/", Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// cookie ends with the browser; how long the session lives is the database's matter.
func (s *Sessions) cookie(token string) *http.Cookie {
	return sessions.NewCookie(s.CookieName(), token, s.cookieOptions())
}

func (s *Sessions) expiredCookie() *http.Cookie {
	options := s.cookieOptions()
	options.MaxAge = -1
	return sessions.NewCookie(s.CookieName(), "", options)
}
