package templates_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"cmpconsole/web/static"
	"cmpconsole/web/templates"
)

func TestProbe(t *testing.T) {
	_ = chromedp.Run
	_ = emulation.SetEmulatedMedia
	_, _, _, _, _, _, _, _ = context.Background, http.StatusOK, httptest.NewServer, os.Getenv, filepath.Join, strings.Join, time.Now, templ.NopComponent
	_, _ = static.URL, templates.Layout
}
