// Package testkit holds helpers that only tests import: a browser, and what it takes to judge a page in it.
package testkit

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// ErrNoBrowser tells that no Chromium is installed.
var ErrNoBrowser = errors.New("no Chromium found")

// process is the one browser of a test binary. Every tab has a profile of its own in it.
type process struct {
	ctx  context.Context
	stop func()
}

var browser = sync.OnceValues(startBrowser)

// startBrowser runs a headless Chromium. As root it has no sandbox of its own, and it must not call home.
func startBrowser() (process, error) {
	path, err := findBrowser()
	if err != nil {
		return process{}, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopBrowser := chromedp.NewContext(allocator)
	stop := func() {
		_ = chromedp.Cancel(ctx) // waits for the process and removes its profile
		stopBrowser()
		stopAllocator()
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return process{}, err
	}
	return process{ctx: ctx, stop: stop}, nil
}

func findBrowser() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoBrowser
}

// started guards against starting a browser only to stop it.
var started sync.Once

// StopBrowser ends the browser of this test binary, if there is one. It is for TestMain.
func StopBrowser() {
	idle := false
	started.Do(func() { idle = true })
	if idle {
		return
	}
	if p, err := browser(); err == nil {
		p.stop()
	}
}

// useBrowser starts the browser when it does not run yet. Where there is none the test is skipped, loudly; in CI
// it fails.
func useBrowser(t testing.TB) context.Context {
	t.Helper()
	started.Do(func() {})
	p, err := browser()
	switch {
	case errors.Is(err, ErrNoBrowser) && os.Getenv("CI") == "":
		t.Skip("NO CHROMIUM ON THIS MACHINE: what needs a browser was NOT tested")
	case err != nil:
		t.Fatalf("start the browser: %v", err)
	}
	return p.ctx
}
