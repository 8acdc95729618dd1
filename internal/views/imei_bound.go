package views

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// boundFact is the IMEI that a card is bound to, as far as it is known here and how long ago it was read: the CMP is asked for it on its own
// tab only. Where nothing is known and nothing can be asked for there is no such fact.
func (s *Server) boundFact(c *gin.Context, id string) []templates.Fact {
	imei, read, err := s.boundIMEI(c.Request.Context(), id)
	if err != nil {
		s.Logger.Error("binding not read", "request_id", c.GetString(keyRequestID), "err", err) // the page about the device is better than none
	}
	fact := templates.Fact{Name: "Bound IMEI", Value: imei, ID: imei != ""}
	switch {
	case read.IsZero() && !s.offered("/devices/:id/imei"):
		return nil
	case read.IsZero():
		fact.Value, fact.Href = "Not known here", deviceHref(id)+"/imei"
		return []templates.Fact{fact}
	case imei == "":
		fact.Value = "None"
	}
	at := s.clock(c).at(read)
	fact.Read = &at
	return []templates.Fact{fact}
}

// boundIMEI is what the copy of the fleet knows, or else what we ourselves bound last. Zero read: neither tells.
func (s *Server) boundIMEI(ctx context.Context, id string) (imei string, read time.Time, err error) {
	b, known, err := s.Mirror.Binding(ctx, id)
	if err != nil || known {
		return b.IMEI, b.Read, err
	}
	a, err := s.Actions.LatestIMEI(ctx, id)
	if a == nil || err != nil || !a.TookEffect() {
		return "", time.Time{}, err
	}
	if a.Verb == ops.Bind {
		imei = a.Wants
	}
	return imei, a.Known(), nil
}
