package views

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
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
		"page":    {plain(http.StatusNotFound, "text"), 404, "text", []string{"drawn", "row", "leaves"}},
		"nothing": {func(c *gin.Context) { c.Status(http.StatusNoContent); c.Writer.WriteHeaderNow() }, 204, "", []string{"drawn", "row", "leaves"}},
		"long":    {plain(http.StatusOK, long), 200, long, []string{"row", "leaves", "drawn"}},
		"pieces": {func(c *gin.Context) {
			for range 3 {
				_, _ = c.Writer.WriteString(long[:heldAtMost/2])
			}
		}, 200, strings.Repeat(long[:heldAtMost/2], 3), []string{"row", "leaves", "drawn"}},
		"flushed": {func(c *gin.Context) { c.Writer.Flush() }, 200, "", []string{"row", "leaves", "drawn"}},
	} {
		var steps []string
		engine := gin.New()
		engine.GET("/", func(c *gin.Context) {
			hold(c, func() error { steps = append(steps, "row"); return nil })
			tt.answer(c)
			steps = append(steps, "drawn")
		})
		w := noting{httptest.NewRecorder(), &steps}
		holding(engine).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if w.Code != tt.status || w.Body.String() != tt.body || !slices.Equal(slices.Compact(steps), tt.steps) {
			t.Errorf("%s: %d, %d bytes, %v", name, w.Code, w.Body.Len(), steps)
		}
	}
}
