package views

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// exportPatience is how long the next row of an export may take: to be found, and to be read by the browser.
const exportPatience = 2 * time.Minute

// download sends a file while it is written, which calls more before each row: a long one takes its time, but somebody
// has to read it. What fails after the first byte ends the file early, and the program's log says why.
func (s *Server) download(c *gin.Context, kind, name string, write func(more func()) error) {
	c.Header("Content-Type", kind)
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	conn := http.NewResponseController(c.Writer)
	more := func() { _ = conn.SetWriteDeadline(time.Now().Add(exportPatience)) }
	more()
	c.Status(http.StatusOK)
	if err := write(more); err != nil {
		c.Set(keyCause, err)
		s.Logger.Error("export ended early", "file", name, "request_id", c.GetString(keyRequestID), "err", err)
		panic(http.ErrAbortHandler) // so that the browser knows that the file is not whole
	}
}
