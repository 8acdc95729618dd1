package testkit

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch collects what a page complains of: messages in the console, uncaught exceptions, reports of the policy,
// requests that fail, and requests to anybody but the site.
type watch struct {
	base       string
	mu         sync.Mutex
	complaints []string
	expected   []string
	methods    map[network.RequestID]string
}

func newWatch(base string) *watch {
	return &watch{base: base, methods: map[network.RequestID]string{}}
}

// see takes one event of the tab. It runs in the loop that reads them, so it only writes down.
func (w *watch) see(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeLog && e.Type != runtime.ConsoleAPICalledTypeDebug && e.Type != runtime.ConsoleAPICalledTypeInfo {
			w.complain("console %s: %s", e.Type, arguments(e.Args))
		}
	case *runtime.EventExceptionThrown:
		w.complain("uncaught: %s", exception(e.ExceptionDetails))
	case *log.EventEntryAdded:
		w.seeEntry(e.Entry)
	case *audits.EventIssueAdded:
		if d := e.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			w.complain("the policy was broken: %s %s", d.ViolatedDirective, d.BlockedURL)
		}
	case *network.EventRequestWillBeSent:
		w.seeRequest(e)
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			w.complain("answered %d: %s %s", e.Response.Status, w.methods[e.RequestID], strings.TrimPrefix(e.Response.URL, w.base))
		}
	case *network.EventLoadingFailed:
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" {
			w.complain("failed: %s %s", w.methods[e.RequestID], e.ErrorText)
		}
	}
}

// seeEntry takes an entry of the browser's log. What it says of answers stands in the answers themselves.
func (w *watch) seeEntry(e *log.Entry) {
	if e.Level != log.EntryLevelError && e.Level != log.EntryLevelWarning {
		return
	}
	if e.Source == log.EntrySourceNetwork && strings.HasPrefix(e.Text, "Failed to load resource") {
		return
	}
	w.complain("log %s %s: %s", e.Source, e.Level, e.Text)
}

func (w *watch) seeRequest(e *network.EventRequestWillBeSent) {
	w.methods[e.RequestID] = e.Request.Method
	u, err := url.Parse(e.Request.URL)
	if err != nil || (strings.HasPrefix(u.Scheme, "http") && u.Scheme+"://"+u.Host != w.base) {
		w.complain("a request to another site: %s", e.Request.URL)
	}
}

func (w *watch) complain(format string, args ...any) {
	w.complaints = append(w.complaints, fmt.Sprintf(format, args...))
}

func (w *watch) expect(parts []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expected = append(w.expected, parts...)
}

func (w *watch) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.complaints)
}

// verdict is what was complained of and not announced, and what was announced and did not come.
func (w *watch) verdict() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var wrong []string
	for _, c := range w.complaints {
		if !slices.ContainsFunc(w.expected, func(part string) bool { return strings.Contains(c, part) }) {
			wrong = append(wrong, c)
		}
	}
	for _, part := range w.expected {
		if !slices.ContainsFunc(w.complaints, func(c string) bool { return strings.Contains(c, part) }) {
			wrong = append(wrong, "announced, but it did not come: "+part)
		}
	}
	return wrong
}

func arguments(list []*runtime.RemoteObject) string {
	var words []string
	for _, o := range list {
		if o.Description != "" {
			words = append(words, o.Description)
		} else {
			words = append(words, string(o.Value))
		}
	}
	return strings.Join(words, " ")
}

func exception(d *runtime.ExceptionDetails) string {
	text := d.Text
	if d.Exception != nil {
		text += " " + d.Exception.Description
	}
	return fmt.Sprintf("%s (%s:%d)", text, d.URL, d.LineNumber+1)
}
