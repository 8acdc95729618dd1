package testkit

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Press presses keys, wherever the focus is.
func (b *Tab) Press(keys string) {
	b.t.Helper()
	b.do("press keys", press(keys))
}

// press sends each key as a keyboard does. Unlike chromedp's own it does not type a letter whose key the page
// has kept for itself.
func press(keys string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, key := range keys {
			for _, event := range strokes(key) {
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *event); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// strokes are the events of one key: down with its text, and up.
func strokes(key rune) []*input.DispatchKeyEventParams {
	events := kb.Encode(key)
	if len(events) != 3 {
		return events
	}
	down, char, up := events[0], events[1], events[2]
	down.Text, down.UnmodifiedText = char.Text, char.UnmodifiedText
	return []*input.DispatchKeyEventParams{down, up}
}
