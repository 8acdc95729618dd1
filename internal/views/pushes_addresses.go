package views

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/webhook"
	"cmpconsole/web/templates"
)

// masked stands where the secret part of an address is.
const masked = "••••••••"

// answerWords say what a callback is answered when it was stored (API document, "Responses").
var answerWords = map[webhook.Kind]string{webhook.OrderStatus: "1", webhook.SMSMT: `{"code":"0","message":"success"}`, webhook.SMSMO: `{"code":"0","message":"success"}`}

// sectionWords name the sections of the API document.
var sectionWords = map[webhook.Kind]string{webhook.OrderStatus: "Order status push", webhook.SMSMT: "SMS MT data push", webhook.SMSMO: "SMS MO data push"}

// showAddresses tells where the CMP's operator is to send callbacks to, without the secret part.
func (s *Server) showAddresses(c *gin.Context) (response, error) {
	noteOf(c, "", "", "tab", "addresses")
	return s.addressesPage(c, nil)
}

// revealAddresses tells them whole, which is recorded.
func (s *Server) revealAddresses(c *gin.Context) (response, error) {
	return s.addressesPage(c, s.Inbox.Tokens)
}

func (s *Server) addressesPage(c *gin.Context, shown []string) (response, error) {
	who := operator(c)
	view := templates.PushAddresses{Off: s.pushOff(), Shown: len(shown) > 0, Sources: "anywhere, since CMP_PUSH_SOURCES is not set", CSRF: who.CSRF, Keyed: s.Inbox.Key != ""}
	if len(s.Inbox.Sources) > 0 {
		var list []string
		for _, source := range s.Inbox.Sources {
			list = append(list, source.String())
		}
		view.Sources = strings.Join(list, ", ")
	}
	if view.HideHref = "/pushes/addresses"; !view.Shown {
		shown = make([]string, len(s.Inbox.Tokens))
		if view.HideHref = ""; who.Can(auth.SystemManage) && len(shown) > 0 {
			view.ShowHref = "/pushes/addresses/token"
		}
	}
	for i, token := range shown {
		view.Tokens = append(view.Tokens, s.addressesOf(c, i, token))
	}
	if s.Demo != nil && who.Can(auth.PushesReplay) && len(shown) > 0 {
		for _, kind := range webhook.Kinds() {
			view.Tests = append(view.Tests, templates.Option{Value: string(kind), Label: kindWords[kind].word})
		}
	}
	frame := s.frame(c, "Addresses of callbacks", templates.Crumb{Label: "Callbacks", Href: "/pushes"}, templates.Crumb{Label: "Addresses"})
	return page(http.StatusOK, frame, templates.PushAddressesPage(view)), nil
}

// addressesOf are the addresses of one token; an empty one is masked.
func (s *Server) addressesOf(c *gin.Context, place int, token string) templates.PushToken {
	t := templates.PushToken{Title: "Addresses"}
	if len(s.Inbox.Tokens) > 1 {
		t.Title = []string{"Addresses of the new token", "Addresses of the old token"}[min(place, 1)]
		t.Old = place > 0
	}
	for _, kind := range webhook.Kinds() {
		a := templates.PushAddress{Kind: kindBadge(kind), Section: sectionWords[kind], Answer: answerWords[kind], Address: s.ownAddress(c) + pushPath + masked + "/" + string(kind)}
		if token != "" {
			a.Address, a.Whole = s.ownAddress(c)+pushPath+token+"/"+string(kind), true
		}
		t.Addresses = append(t.Addresses, a)
	}
	return t
}

// ownAddress is how the console is reached: as it was told, else as this request did.
func (s *Server) ownAddress(c *gin.Context) string {
	if s.BaseURL != "" {
		return s.BaseURL
	}
	if s.Secure {
		return "https://" + c.Request.Host
	}
	return "http://" + c.Request.Host
}

var errNoTest = fault.New(fault.NotFound, "Test callbacks are sent by the demo's sandbox only. The operator of a real CMP can send one.")

// testPush has the sandbox send a callback, once that is recorded.
func (s *Server) testPush(c *gin.Context) (response, error) {
	kind := webhook.Kind(c.PostForm("kind"))
	if s.Demo == nil {
		return nil, errNoTest
	}
	if kindWords[kind].word == "" {
		return nil, fault.New(fault.Invalid, "There is no such callback. Choose one of the three.")
	}
	e := operator(c).Entry(audit.PushTest, audit.Event)
	e.Outcome, e.Detail = audit.OK, []audit.Field{{Key: "kind", Value: string(kind)}}
	if err := s.record(c, e); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "That you send a test could not be recorded, so it was not sent.")
	}
	if err := s.Demo.TestPush(kind); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The sandbox could not send it.")
	}
	return seeOther(withQuery("/pushes", "kind", string(kind))), nil
}
