package views

import (
	"net/http"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/ident"
	"cmpconsole/web/templates"
)

// The hits of one sort that are shown: on the page, and under the box while one types.
const (
	searchSize = 50
	panelSize  = 8
)

// search answers the one box: what the copy of the fleet, the catalogue, the notebook and our messages know of a text,
// and the CMP where they know nothing. Exactly one hit opens it.
func (s *Server) search(c *gin.Context) (response, error) {
	q := pasted(c.Query("q"))
	if c.Query("panel") != "" {
		return s.searchTyped(c, q)
	}
	frame := s.frame(c, "Search")
	frame.Query = q
	if q == "" {
		return page(http.StatusOK, frame, templates.SearchPage(templates.Search{Nothing: whatToLookFor, ManyHref: "/selections"})), nil
	}
	f := s.findHere(c.Request.Context(), ident.Read(q), searchSize, false)
	if f.empty() {
		if err := s.askWithin(c.Request.Context(), &f); err != nil {
			noteOf(c, "", "", "q", q, "hits", "0")
			return nil, err
		}
	}
	status := http.StatusOK
	if failed := f.told.failed; failed != nil {
		c.Set(keyCause, failed)
		status = problems[classify(failed).Kind].status
	}
	noteOf(c, "", "", "q", q, "hits", f.count())
	s.searches.sent(operator(c).UserID, q)
	if only := f.only(); only != "" {
		return seeOther(only), nil
	}
	return page(status, frame, templates.SearchPage(s.searchView(c, f))), nil
}

// searchTyped answers while somebody types, from what is here alone: the CMP is asked when the search is sent. On the
// page of the search it renews that page and its address, elsewhere it fills the panel under the box.
func (s *Server) searchTyped(c *gin.Context, q string) (response, error) {
	recordLater(c)
	r := ident.Read(q)
	var view templates.Search
	if enoughTyped(r) {
		most := panelSize
		if typesOnSearchPage(c) {
			most = searchSize
		}
		f := s.findHere(c.Request.Context(), r, most, !typesOnSearchPage(c))
		f.typing = true
		s.searches.note(operator(c), q, f.count(), s.Now())
		s.recordSettled(c.Request.Context())
		view = s.searchView(c, f)
		view.Typing = true
	}
	if typesOnSearchPage(c) {
		if view.Query = q; len(view.Groups) == 0 && view.Nothing == nil {
			view.Nothing = typeMore
		}
		c.Header("HX-Retarget", "#results")
		c.Header("HX-Replace-Url", withQuery("/search", "q", q))
		return part(templates.SearchResults(view)), nil
	}
	return part(templates.SearchPanel(view)), nil
}

// enoughTyped keeps the first keys from being looked up, which match everything. Chinese says more in a character.
func enoughTyped(r ident.Reading) bool {
	return utf8.RuneCountInString(r.Text) >= ident.MinPart || len(r.Text) > utf8.RuneCountInString(r.Text)+1
}

// typesOnSearchPage tells whether the browser shows the page of a search, where there is room for all results.
func typesOnSearchPage(c *gin.Context) bool {
	at := c.GetHeader("HX-Current-URL")
	u, err := c.Request.URL.Parse(at)
	return err == nil && at != "" && u.Path == "/search"
}
