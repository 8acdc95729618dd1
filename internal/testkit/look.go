package testkit

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// phoneWidth is the widest screen that is taken for a phone's, with fingers in place of a mouse.
const phoneWidth = 480

// Screen sets the size of the screen and whether the person likes it dark. Nothing moves by itself.
func (b *Tab) Screen(width, height int64, dark bool) {
	b.t.Helper()
	var options []chromedp.EmulateViewportOption
	if width <= phoneWidth {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	b.do("set the screen", chromedp.EmulateViewport(width, height, options...), call(emulation.SetEmulatedMedia, media))
}

// Picture is the tab as a PNG: what the screen shows, or the whole page.
func (b *Tab) Picture(whole bool) []byte {
	b.t.Helper()
	Eval[bool](b, "document.fonts.ready.then(() => true)")
	picture, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		res, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &whole})
		return res.Data, err
	})
	if err != nil {
		b.t.Fatalf("take a picture: %v", err)
	}
	return picture
}

// axe is axe-core, which judges how accessible a page is. Its licence stands beside it.
//
//go:embed axe/axe-4.14.1.min.js
var axe string

// Violation is a rule of accessibility that a page breaks, and where.
type Violation struct {
	ID, Impact, Help string
	Nodes            []string
}

func (v Violation) String() string {
	text := fmt.Sprintf("%s (%s): %s", v.ID, v.Impact, v.Help)
	for _, n := range v.Nodes {
		text += "\n    " + n
	}
	return text
}

// Axe judges the page as it is shown now. It goes in past the policy, as the tools of the browser do, so that
// the policy stays on.
func (b *Tab) Axe() []Violation {
	b.t.Helper()
	if !Eval[bool](b, `typeof window.axe === "object"`) {
		Eval[bool](b, axe+"; true")
	}
	return Eval[[]Violation](b, `axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}}).then((r) =>
		r.violations.map((v) => ({ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map((n) => n.html.slice(0, 300) + " → " + n.failureSummary)})))`)
}
