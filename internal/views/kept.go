package views

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
)

// What was typed into a form when the session had ended waits in the next session, never in an address, until the
// form's page is opened again. It is shown there to be checked and sent anew: nothing sends it by itself.
const (
	keptPath = "kept.path"
	keptForm = "kept.form"
	keptWhy  = "kept.why"
)

var errOldForm = fault.New(fault.Forbidden, "This form does not belong to your present session, so nothing was done. Go back, reload the page and send it again.")

const signedInAgain = "This form does not belong to your present session, so nothing was sent. Check what you typed, and send it again."

// typedIn is what a person typed into the form of a request: no tokens, no passwords, nothing that was prepared.
func typedIn(c *gin.Context) url.Values {
	typed := url.Values{}
	for name, values := range c.Request.PostForm {
		switch name {
		case "csrf", "action", "batch", "username", "password", "next", "kept":
		default:
			typed[name] = values
		}
	}
	return typed
}

// keptOf is how a session remembers what was typed for the form at the address.
func keptOf(path, form, why string) map[any]any {
	if form == "" {
		return nil
	}
	return map[any]any{keptPath: path, keptForm: form, keptWhy: why}
}

// formAgain shows the form to somebody who has signed in anew since it was opened, as it was typed and with a token
// of the present session. What was prepared with the old one is prepared again.
func (s *Server) formAgain(c *gin.Context, shown route) {
	typed := typedIn(c)
	for name := range c.Request.PostForm {
		if !typed.Has(name) {
			delete(c.Request.PostForm, name)
		}
	}
	c.Set(keyKeptWhy, signedInAgain)
	c.Set(keyStatus, http.StatusForbidden)
	answer, err := shown.handler(s, c)
	if shown.action != "" {
		err = s.recordAnswer(c, shown, err)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	answer(c)
}

// refill puts what was kept for this page where the form's own post would have it, once.
func (s *Server) refill(c *gin.Context) {
	session, err := s.Sessions.Get(c.Request, s.Sessions.CookieName())
	if err != nil || session.Values[keptPath] != c.Request.URL.Path {
		return
	}
	text, _ := session.Values[keptForm].(string)
	why, _ := session.Values[keptWhy].(string)
	for _, key := range []string{keptPath, keptForm, keptWhy} {
		delete(session.Values, key)
	}
	typed, err := url.ParseQuery(text)
	if err != nil || session.Save(c.Request, c.Writer) != nil {
		return
	}
	c.Request.PostForm = typed
	c.Set(keyKeptWhy, why)
}

// formPages are the rows of the table whose page shows a form that is posted to its own address, by that.
func formPages(table []route) map[string]route {
	shown, forms := map[string]route{}, map[string]route{}
	for _, r := range table {
		if r.method == http.MethodGet {
			shown[r.path] = r
		}
	}
	for _, r := range table {
		if page, ok := shown[r.path]; ok && r.method == http.MethodPost && r.permission != auth.Public {
			forms[r.path] = page
		}
	}
	return forms
}
