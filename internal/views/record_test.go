package views

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/gin-gonic/gin"
)

// noting notes when something of an answer leaves.
type noting struct {
	http.ResponseWriter

	steps *[]string
}

func (w noting) WriteHeader(status int) {
	*w.steps = append(*w.steps, "answer")
	w.ResponseWriter.WriteHeader(status)
}

// Whichever way an answer leaves, the row of the look is there before.
func TestNothingLeavesBeforeItsRow(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]response{
		"page":     plain(http.StatusOK, "text"),
		"redirect": seeOther("/devices"),
		"text":     func(c *gin.Context) { _, _ = c.Writer.WriteString("text") },
		"status":   func(c *gin.Context) { c.Writer.WriteHeaderNow() },
		"flushed":  func(c *gin.Context) { c.Writer.Flush() },
	} {
		var steps []string
		c, _ := gin.CreateTestContext(noting{httptest.NewRecorder(), &steps})
		c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
		c.Writer = &held{c.Writer, func() error { steps = append(steps, "row"); return nil }}
		if answer(c); !slices.Equal(slices.Compact(steps), []string{"row", "answer"}) {
			t.Errorf("%s: %v", name, steps)
		}
	}
}
