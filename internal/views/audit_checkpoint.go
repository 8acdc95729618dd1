package views

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
)

// checkpoints is what pages show of the log's signed checkpoints, and hand out: no page can have one signed.
type checkpoints interface {
	Newest(ctx context.Context, n int) ([]audit.Checkpoint, error)
	Standing(ctx context.Context, seq int64) (audit.Standing, error)
	Keys() ([]byte, error)
}

// handedOut is how many checkpoints are in a file: an export that was made some hours before still finds its own.
const handedOut = 64

func checkpointHref(part string) string { return withQuery("/audit/checkpoint", "part", part) }

// takeCheckpoint gives auditors what an export is verified with elsewhere: the newest signed checkpoints, or the
// public keys. Kept elsewhere, they also show later that no row was cut off or rewritten.
func (s *Server) takeCheckpoint(c *gin.Context) (response, error) {
	part := c.Query("part")
	noteOf(c, "", "", "part", part)
	switch part {
	case "key":
		keys, err := s.Checkpoints.Keys()
		if err != nil {
			return nil, fault.Wrap(fault.Unavailable, err, "The public keys of the log could not be read. An administrator finds why in the program's log.")
		}
		return textFile("audit-keys.txt", keys), nil
	case "note":
		return s.takeNotes(c)
	}
	return nil, fault.New(fault.Invalid, "Of a checkpoint there are two parts: note and key.")
}

func (s *Server) takeNotes(c *gin.Context) (response, error) {
	list, err := s.Checkpoints.Newest(c.Request.Context(), handedOut)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The checkpoints of the log could not be read. An administrator finds why in the program's log.")
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "No checkpoint has been signed yet. The first one comes within seconds of the start.")
	}
	notes := make([][]byte, len(list))
	for i, one := range list {
		notes[i] = one.Note
	}
	size := strconv.FormatInt(list[len(list)-1].Size, 10)
	noteOf(c, "", "", "part", "note", "size", size)
	return textFile("audit-checkpoints-"+size+".txt", bytes.Join(notes, []byte("\n"))), nil
}

// textFile is a file that the browser keeps, under a name of our own making.
func textFile(name string, content []byte) response {
	return func(c *gin.Context) {
		c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
		c.Data(http.StatusOK, "text/plain; charset=utf-8", content)
	}
}
