package testkit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for what it should do at once.
const patience = 20 * time.Second

// Tab is a page in a browser with a fresh profile. It fails its test when the page complains of anything that
// the test has not announced.
type Tab struct {
	t       testing.TB
	ctx     context.Context
	base    string
	scripts bool
	watch   *watch
}

// OpenTab opens a tab for the site at base. It is closed when the test ends.
func OpenTab(t testing.TB, base string) *Tab { return openTab(t, base, true) }

// OpenPlainTab opens a tab that runs no scripts of pages.
func OpenPlainTab(t testing.TB, base string) *Tab { return openTab(t, base, false) }

func openTab(t testing.TB, base string, scripts bool) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(useBrowser(t), chromedp.WithNewBrowserContext())
	b := &Tab{t: t, ctx: ctx, base: base, scripts: scripts, watch: newWatch(base)}
	t.Cleanup(func() {
		b.judge()
		cancel()
	})
	b.do("open a tab",
		call(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}),
		call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts}))
	if err := chromedp.Listen(ctx, b.watch.see); err != nil {
		t.Fatal(err)
	}
	b.do("watch the policy", call(audits.Enable, cdp.Empty{}))
	b.Screen(1440, 900, false)
	return b
}

// judge ends the watch and tells the test what was seen.
func (b *Tab) judge() {
	b.t.Helper()
	if b.ctx.Err() == nil {
		_, _ = chromedp.Run(b.ctx, chromedp.Evaluate[int]("1")) // every event before the answer has been seen then
	}
	for _, c := range b.watch.verdict() {
		b.t.Error("browser: " + c)
	}
}

// Expect announces complaints by a part of their text: each must come at least once, and any number is forgiven.
// An answer of the site with status 400 or more complains as "answered 404: GET /address".
func (b *Tab) Expect(parts ...string) { b.watch.expect(parts) }

// call wraps a command of the protocol that answers nothing.
func call[P any](command cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// do runs actions that must succeed within the patience.
func (b *Tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := b.try(actions...); err != nil {
		b.t.Fatalf("%s: %v\n%s", what, err, b.where())
	}
}

// try limits actions in time. The first action of a tab must not be limited, since its life hangs on that.
func (b *Tab) try(actions ...chromedp.Action[chromedp.Void]) error {
	if chromedp.FromContext(b.ctx).Target == nil {
		return chromedp.Do(b.ctx, actions...)
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

// navigate is chromedp's, which waits for the load event.
func navigate(address string) chromedp.Action[chromedp.Void] { return chromedp.Navigate(address) }

// Open loads an address of the site and waits until it is loaded, and its scripts with it.
func (b *Tab) Open(path string) {
	b.t.Helper()
	b.do("open "+path, navigate(b.base+path))
	if b.scripts {
		b.Until(ready)
	}
}

// ready is true once htmx has taken the page over. Pages without navigation have nothing that it works on.
const ready = `document.readyState === "complete" && (!document.querySelector("#nav") || document.querySelector("#nav [data-htmx-powered]") !== null)`

// Click clicks the first element that the selector finds, with the mouse, once it can be seen.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	b.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Go clicks and waits until the condition holds on the page that the click leads to.
func (b *Tab) Go(selector, condition string) {
	b.t.Helper()
	if b.scripts {
		b.Click(selector)
		b.Until("(" + condition + ") && " + ready)
		return
	}
	b.load("click "+selector, chromedp.Click(chromedp.CSS(selector)))
	b.Check(condition)
}

// Submit sends the form that holds the focus, as pressing Enter in a field does, and waits for the condition.
func (b *Tab) Submit(condition string) {
	b.t.Helper()
	if b.scripts {
		b.Press("\r")
		b.Until("(" + condition + ") && " + ready)
		return
	}
	b.load("press Enter", press("\r"))
	b.Check(condition)
}

// load waits for the whole page that an action leads to.
func (b *Tab) load(what string, action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	b.do(what, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.WaitEvent(page.LoadEventFired, nil, action)(ctx, t)
		return err
	}))
}

// Type puts a text into a field, key by key, in place of what it holds.
func (b *Tab) Type(selector, text string) {
	b.t.Helper()
	b.do("type into "+selector, chromedp.Focus(chromedp.CSS(selector)))
	Eval[bool](b, "document.querySelector("+Quote(selector)+").select(), true")
	b.Press(text)
}

// Eval gives the value of an expression in the page. The policy of the page does not bind it.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %.200s: %v\n%s", expression, err, b.where())
	}
	return v
}

// Check fails the test unless a condition holds now.
func (b *Tab) Check(condition string) {
	b.t.Helper()
	if !Eval[bool](b, guarded(condition)) {
		b.t.Fatalf("not true: %s\n%s", condition, b.where())
	}
}

// Until waits for a condition to hold, over the loading of other pages too. What throws does not hold yet. The
// frames that the page draws drive the waiting.
func (b *Tab) Until(condition string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	expression := `new Promise(ok => { const end = performance.now() + 1000; const look = () => ` + guarded(condition) +
		` ? ok(true) : performance.now() > end ? ok(false) : requestAnimationFrame(look); look(); })`
	for ctx.Err() == nil {
		held, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression, chromedp.EvalAwaitPromise))
		if held && err == nil {
			return
		}
		if fault, ok := errors.AsType[*chromedp.ExceptionError](err); ok {
			b.t.Fatalf("%s: %v", condition, fault)
		}
	}
	b.t.Fatalf("never true: %s\n%s", condition, b.where())
}

// guarded is false where the condition throws.
func guarded(condition string) string {
	return `(() => { try { return !!(` + condition + `); } catch { return false; } })()`
}

// where tells of the page, for a test that failed.
func (b *Tab) where() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + (document.querySelector("main") ?? document.body).innerText.slice(0, 1500)`))
	if err != nil {
		return fmt.Sprintf("(the page cannot be read: %v)", err)
	}
	return text + "\n" + strings.Join(b.watch.all(), "\n")
}

// Quote writes a text as a string of JavaScript.
func Quote(text string) string { return fmt.Sprintf("%q", text) }
