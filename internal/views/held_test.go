package views

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"
)

// noting notes when something of an answer leaves.
type noting struct {
	*httptest.ResponseRecorder

	steps *[]string
}

func (w noting) WriteHeader(status int) {
	*w.steps = append(*w.steps, "leaves")
	w.ResponseRecorder.WriteHeader(status)
}

func (w noting) Write(data []byte) (int, error) {
	*w.steps = append(*w.steps, "leaves")
	return w.ResponseRecorder.Write(data)
}

func (w noting) Flush() {
	*w.steps = append(*w.steps, "leaves")
	w.ResponseRecorder.Flush()
}

// Whichever way an answer leaves, the row of the look is there before; it is drawn first, unless it is long, and nothing of it is lost.
func TestNothingLeavesBeforeItsRow(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", heldAtMost)
	for name, tt := range map[string]struct {
		answer response
		status int
		body   string
		steps  []string
	}{
		"page":    {plain(http.StatusNotFound, "text"), 404, "text", []string{"drawn", "row", "whole", "row", "leaves"}},
		"nothing": {func(c *gin.Context) { c.Status(http.StatusNoContent); c.Writer.WriteHeaderNow() }, 204, "", []string{"drawn", "row", "whole", "row", "leaves"}},
		"long":    {plain(http.StatusOK, long), 200, long, []string{"row", "leaves", "drawn", "whole"}},
		"pieces": {func(c *gin.Context) {
			for range 3 {
				_, _ = c.Writer.WriteString(long[:heldAtMost/2])
			}
		}, 200, strings.Repeat(long[:heldAtMost/2], 3), []string{"row", "leaves", "drawn", "whole"}},
		"flushed": {func(c *gin.Context) { c.Writer.Flush() }, 200, "", []string{"row", "leaves", "drawn", "whole"}},
	} {
		var steps []string
		engine := gin.New()
		engine.GET("/", func(c *gin.Context) {
			hold(c, func() error { steps = append(steps, "row"); return nil })
			tt.answer(c)
			steps = append(steps, "drawn")
			whenWhole(c, func() { steps = append(steps, "whole") })
		})
		w := noting{httptest.NewRecorder(), &steps}
		holding(engine).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if w.Code != tt.status || w.Body.String() != tt.body || !slices.Equal(slices.Compact(steps), tt.steps) {
			t.Errorf("%s: %d, %d bytes, %v", name, w.Code, w.Body.Len(), steps)
		}
	}
}

// A page is packed before its row is waited for.
func TestPackedMeanwhile(t *testing.T) {
	t.Parallel()
	var steps []string
	compress, err := gzhttp.NewWrapper()
	if err != nil {
		t.Fatal(err)
	}
	var kept int
	engine := gin.New()
	engine.GET("/", func(c *gin.Context) {
		h := heldBy(c)
		hold(c, func() error { kept = len(h.waiting); return nil })
		plain(http.StatusOK, strings.Repeat("A page of thirty kilobytes. ", 1100))(c)
	})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := noting{httptest.NewRecorder(), &steps}
	if holding(compress(engine)).ServeHTTP(w, r); w.Header().Get("Content-Encoding") != "gzip" || kept == 0 || kept != w.Body.Len() {
		t.Errorf("%d bytes were packed of %d, %v", kept, w.Body.Len(), w.Header())
	}
}

// Where nothing can be kept back the row is waited for at once, and when the connection is given up it is waited for too.
func TestRowsAreWaitedFor(t *testing.T) {
	t.Parallel()
	waited := 0
	engine := gin.New()
	engine.GET("/", func(c *gin.Context) {
		hold(c, func() error { waited++; return nil })
		panic(http.ErrAbortHandler)
	})
	for _, h := range []http.Handler{engine, holding(engine)} {
		waited = 0
		func() {
			defer func() { _ = recover() }()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		}()
		if waited != 1 {
			t.Errorf("%T: waited %d times", h, waited)
		}
	}
}
