package views

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/webhook"
)

// pushPath is where the callbacks' addresses begin. What follows is a secret.
const pushPath = "/push/"

// receiveOrderStatus, receiveMT and receiveMO take the CMP's callbacks.
func (s *Server) receiveOrderStatus(c *gin.Context) (response, error) {
	return s.receive(c, webhook.OrderStatus)
}

func (s *Server) receiveMT(c *gin.Context) (response, error) { return s.receive(c, webhook.SMSMT) }

func (s *Server) receiveMO(c *gin.Context) (response, error) { return s.receive(c, webhook.SMSMO) }

// receive stores a callback and answers as the API document asks: only what is stored is confirmed. Who does not know the token
// learns nothing, not even that there is such an address.
func (s *Server) receive(c *gin.Context, kind webhook.Kind) (response, error) {
	if !s.Inbox.Admits(c.Param("token"), c.ClientIP()) {
		return nil, errNoPage
	}
	body, err := io.ReadAll(c.Request.Body)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		err = fault.Wrap(fault.TooLarge, err, "The callback is larger than 64 KiB.")
	}
	if err == nil {
		_, err = s.Inbox.Receive(c.Request.Context(), kind, c.ClientIP(), c.Request.Header, body)
	}
	if err != nil {
		c.Set(keyCause, err)
		f := classify(err)
		return pushAnswer(kind, problems[f.Kind].status, "1", f.Message), nil
	}
	return pushAnswer(kind, http.StatusOK, "0", "success"), nil
}

// pushAnswer answers a callback about an order with the bare character 1, or 0 when it was not taken, and one about an SMS in JSON.
func pushAnswer(kind webhook.Kind, status int, code, message string) response {
	if kind != webhook.OrderStatus {
		return func(c *gin.Context) { c.JSON(status, gin.H{"code": code, "message": message}) }
	}
	if code == "0" {
		return plain(status, "1")
	}
	return plain(status, "0")
}

// shownPath is an address without the token of callbacks, for logs.
func shownPath(path string) string {
	rest, ok := strings.CutPrefix(path, pushPath)
	if !ok {
		return path
	}
	_, kind, _ := strings.Cut(rest, "/")
	return pushPath + "[token]/" + kind
}
