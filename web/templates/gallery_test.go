package templates_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestGallery writes a picture of every page in both themes and widths to GALLERY_DIR, for people to look at.
// With AXE_FILE (axe.min.js of axe-core) it also reports what axe finds, and a sideways scroll anywhere fails it.
func TestGallery(t *testing.T) {
	dir := os.Getenv("GALLERY_DIR")
	if dir == "" {
		t.Skip("GALLERY_DIR is not set")
	}
	s, tab := newStage(t), browser(t)
	for name := range pages() {
		if only := os.Getenv("GALLERY_ONLY"); only != "" {
			if ok, _ := filepath.Match(only, name); !ok {
				continue
			}
		}
		for _, theme := range []string{"light", "dark"} {
			for _, width := range []int64{1440, 390} {
				shoot(t, tab, s.URL+"/sample/"+name, name, theme, width, dir)
			}
		}
	}
}

func shoot(t *testing.T, tab context.Context, address, name, theme string, width int64, dir string) {
	t.Helper()
	height := map[int64]int64{1440: 900, 390: 844}[width]
	scheme := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
		return err
	})
	if err := chromedp.Do(tab, scheme, chromedp.EmulateViewport(width, height)); err != nil {
		t.Fatal(err)
	}
	open(t, tab, address)
	until(t, tab, "document.fonts.status === 'loaded'")
	if wide := eval[int64](t, tab, "document.documentElement.scrollWidth"); wide > width {
		t.Errorf("%s at %d: %d wide", name, width, wide)
	}
	axe(t, tab, name+" "+theme)
	shot, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name+"-"+map[int64]string{1440: "1440", 390: "390"}[width]+"-"+theme+".png")
	if err := os.WriteFile(file, shot, 0o600); err != nil {
		t.Fatal(err)
	}
}

// axe reports every fault that axe-core finds in the open page.
func axe(t *testing.T, tab context.Context, where string) {
	t.Helper()
	file := os.Getenv("AXE_FILE")
	if file == "" {
		return
	}
	source, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	eval[bool](t, tab, string(source)+"; true")
	found, err := chromedp.Run(tab, chromedp.Evaluate[string](`axe.run({runOnly: ["wcag2a","wcag2aa","wcag21aa","wcag22aa","best-practice"]}).then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ") + " " + (n.any[0]?.message ?? "")).slice(0, 4).join(" | "))))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var faults []string
	if err := json.Unmarshal([]byte(found), &faults); err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Errorf("%s: axe: %s", where, f)
	}
}
