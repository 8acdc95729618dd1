package views

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
)

// liveHeader is the header of what a page reads by itself, because something has changed or from time to time.
const liveHeader = "X-Live"

func isLiveRead(c *gin.Context) bool { return c.GetHeader(liveHeader) != "" }

// The bounds of what is remembered of looks.
const (
	lookLife    = time.Hour
	looksAtMost = 10_000
)

// looks remembers of whom it was recorded lately that they look at something. A page that is left open and reads itself anew
// leaves one row an hour, and not one each time; the header alone spares nobody the first row.
type looks struct {
	mu sync.Mutex
	at map[string]time.Time // when it was recorded, by session and row
}

// lookOf names what a read would be recorded as; empty for reads that are recorded each time.
func lookOf(c *gin.Context, r route) string {
	if !slices.Contains([]audit.Action{audit.DeviceView, audit.OrderList, audit.OrderView, audit.PushList, audit.PushView}, r.action) {
		return ""
	}
	n, _ := c.Value(keyNote).(note)
	parts := []string{operator(c).Session, string(r.action), n.device, n.order}
	for _, f := range n.detail {
		parts = append(parts, f.Key, f.Value)
	}
	return strings.Join(parts, "\x00")
}

// recent tells whether a look was recorded within the last hour.
func (l *looks) recent(look string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, ok := l.at[look]
	return ok && now.Sub(at) < lookLife && !at.After(now)
}

// recorded notes that a look has its row. When too many are known all are forgotten, which costs some rows.
func (l *looks) recorded(look string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at == nil || len(l.at) >= looksAtMost {
		l.at = map[string]time.Time{}
	}
	l.at[look] = now
}
