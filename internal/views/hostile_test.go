package views

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
)

// hostile tries to break out of its place: of the markup, of an attribute, of an address, of a line of text, of a terminal.
const hostile = `HOSTILE<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="alert(1)' onfocus='alert(1)` +
	"javascript:alert(1) </title></textarea></option>&lt;b&gt; שלום \u202edesrever\u202c \u2067rtl\u2069\u2069 \u200f\u061c " +
	"\u200b\ufeff\u00ad\u2028 \x00\x07\x1b[31m\u009b {{7*7}}"

// Keys of the CMP's answers whose values must stay as they are for the pages to be reached.
var (
	figures  = []string{"totalcount", "totalpages", "pageno", "pagesize"}
	ids      = append([]string{"deviceid", "orderid", "ordercode"}, figures...)
	statuses = append([]string{"orderstatus", "lifecycle"}, ids...)
)

// garbled adds the hostile text to every text in the CMP's answers, but under the keys to keep.
func garbled(keep []string) func([]byte) []byte {
	return func(body []byte) []byte {
		var answer map[string]any
		if err := json.Unmarshal(body, &answer); err != nil {
			panic(err)
		}
		answer["data"] = garble(answer["data"], keep)
		out, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		return out
	}
}

func garble(v any, keep []string) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if text, ok := inner.(string); ok && !slices.Contains(keep, strings.ToLower(strings.ReplaceAll(key, "_", ""))) {
				v[key] = text + hostile
			} else {
				v[key] = garble(inner, keep)
			}
		}
	case []any:
		for i := range v {
			v[i] = garble(v[i], keep)
		}
	}
	return v
}

// Whatever the CMP says of a device or an order, it is text on the page and nothing else.
func TestHostileUpstream(t *testing.T) {
	t.Parallel()
	lists := []string{"/devices", "/orders"}
	things := append([]string{"/devices/" + cmpsim.DemoInUse, "/devices/" + cmpsim.DemoSeveral, "/orders/" + cmpsim.DemoOrder}, lists...)
	every := things
	for row, p := range passages {
		if strings.HasPrefix(row, "GET /orders/:id/") {
			every = append(every, p.path)
		}
	}
	for name, tt := range map[string]struct{ keep, paths []string }{
		"names, dates, amounts": {statuses, every}, "and statuses": {ids, things}, "and ids": {figures, append(lists, "/search?q=8985")},
	} {
		st := newSite(t)
		st.garble = garbled(tt.keep)
		st.mirrored(t)
		v := st.visit(t, auth.Support)
		for _, path := range tt.paths {
			checkHarmless(t, name+" "+path, v.get(path).want(t, 200))
			checkHarmless(t, name+" fragment "+path, v.get(path, "HX-Request", "true"))
		}
	}
}

// A status that nobody knows is harmless on the page before an action too, where it stands inside a sentence.
func TestHostileStatus(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.garble = garbled(ids)
	checkHarmless(t, "preflight", st.visit(t, auth.Support).get("/orders/"+cmpsim.DemoOrder+"/pause").want(t, 409))
}

// What the CMP says when it refuses is harmless on the error page and beside the action.
func TestHostileRefusal(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	for _, path := range []string{"package/queryOrder", "device/pauseService"} {
		st.sim.Script(cmpsim.Fault{Path: path, Times: 1, Kind: cmpsim.KindBusiness, Code: "<b>9</b>\u202e", Message: hostile + strings.Repeat("x", 100_000)})
	}
	v, order := st.visit(t, auth.Support), "/orders/"+cmpsim.DemoOrder
	checkHarmless(t, "error page", v.get("/orders").want(t, 502))
	v.act(order+"/pause", hostile)
	checkHarmless(t, "result", v.get(order).want(t, 200))
}

// What stands in the log is harmless on every page that shows a part of it.
func TestHostileLog(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	support, auditor := st.visit(t, auth.Support), st.visit(t, auth.Auditor)
	long := hostile + strings.Repeat("x", 100_000)
	entry := audit.Entry{Actor: "support", Roles: long, Action: audit.OrderPause, Phase: audit.Event, Outcome: audit.Refused, Device: cmpsim.DemoInUse, Order: cmpsim.DemoOrder, Reason: long,
		UpstreamCode: long, UpstreamMessage: long, RequestID: long, IP: long, Session: long, Detail: []audit.Field{{Key: long, Value: long}, {Key: "before_status", Value: long}, {Key: "why", Value: long}}}
	own, err := st.Audit.Append(t.Context(), entry)
	if err != nil {
		t.Fatal(err)
	}
	entry.Actor, entry.Action, entry.Phase, entry.Outcome, entry.Device, entry.Order = long, audit.Action(long), audit.Phase(long), audit.Refused, long, long
	alien, err := st.Audit.Append(t.Context(), entry)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/devices/" + cmpsim.DemoInUse, "/orders/" + cmpsim.DemoOrder, "/audit", auditHref(own)} {
		checkHarmless(t, path, support.get(path).want(t, 200))
	}
	for _, path := range []string{"/audit", auditHref(own), auditHref(alien)} {
		checkHarmless(t, path, auditor.get(path).want(t, 200))
	}
}

// What comes in by the address or a form is harmless where it is shown again.
func TestHostileInput(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v, auditor, nobody := st.visit(t, auth.Support), st.visit(t, auth.Auditor), st.visit(t, "")
	q, pause := url.QueryEscape(hostile), "/orders/"+cmpsim.DemoOrder+"/pause"
	for name, a := range map[string]answer{
		"search":        v.get("/search?q="+q).want(t, 200),
		"order filter":  v.get("/orders?device="+q+"&order="+q+"&status="+q).want(t, 422),
		"audit filter":  auditor.get("/audit?actor="+q+"&device="+q+"&order="+q+"&action="+q+"&outcome="+q).want(t, 422),
		"reason, typed": v.post(pause, url.Values{"reason": {hostile}}).want(t, 409),
		"page":          v.get("/orders?page="+q).want(t, 422),
		"door, kept":    nobody.knock("support", "x", "kept", "reason="+q).want(t, 401),
		"door, posted":  nobody.post(pause, url.Values{"reason": {hostile}}).want(t, 401),
		"user name":     nobody.knock(hostile, "x", "kept", hostile).want(t, 401),
	} {
		checkHarmless(t, name, a)
	}
}

// What unseen characters come along with a pasted id are no reason not to find it.
func TestPastedIDs(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Auditor)
	dirty := url.QueryEscape("\ufeff\u202a8985 2026-0000\u00a0" + cmpsim.DemoInUse[12:] + "\u202c\u200b")
	if to := v.get("/search?q="+dirty).want(t, 303).header.Get("Location"); to != deviceHref(cmpsim.DemoInUse) {
		t.Errorf("leads to %s", to)
	}
	for _, list := range []string{"/orders?device=", "/audit?device="} {
		if a := v.get(list+dirty).want(t, 200); !strings.Contains(a.body, `value="`+cmpsim.DemoInUse+`"`) {
			t.Errorf("%s: the filter is not what was meant", list)
		}
	}
}

// checkHarmless looks at a page as a browser does. The hostile text must be on it: a page that hides it proves nothing.
func checkHarmless(t *testing.T, name string, a answer) {
	t.Helper()
	if !strings.Contains(a.body, "HOSTILE") || len(a.body) > 1<<20 {
		t.Errorf("%s: the hostile text is not there, or the page of %d bytes not bounded", name, len(a.body))
	}
	if i := strings.IndexFunc(a.body, unseen); i >= 0 {
		t.Errorf("%s: unseen %+q", name, a.body[max(0, i-40):i+4])
	}
	for n := range a.tree(t).Descendants() {
		switch {
		case n.Type == html.ElementNode:
			checkElement(t, name, n)
		case n.Type == html.TextNode && strings.ContainsFunc(n.Data, toLeft) && !isolated(n):
			t.Errorf("%s: %.20q in <%s> turns what stands beside it", name, n.Data, n.Parent.Data)
		}
	}
}

func checkElement(t *testing.T, name string, n *html.Node) {
	t.Helper()
	ours := n.Data != "script" || strings.HasPrefix(attr(n, "src"), "/static/")
	if !ours || slices.Contains([]string{"img", "iframe", "object", "embed", "base", "style"}, n.Data) {
		t.Errorf("%s: there is a <%s>", name, n.Data)
	}
	for _, a := range n.Attr {
		local := strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, "#") || a.Val == ""
		address := slices.Contains([]string{"href", "src", "action", "formaction", "xlink:href"}, a.Key)
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || address && !local {
			t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
		}
	}
}

// toLeft are letters that turn the direction of what stands beside them.
func toLeft(r rune) bool { return unicode.Is(unicode.Hebrew, r) }

// isolated tells whether a text turns nothing but itself: inside an element that isolates, or alone in a paragraph.
func isolated(text *html.Node) bool {
	for n := text.Parent; n != nil; n = n.Parent {
		if n.Data == "bdi" || attr(n, "dir") != "" {
			return true
		}
		if slices.Contains([]string{"title", "p", "option", "h1"}, n.Data) {
			return n.FirstChild == text && n.LastChild == text
		}
	}
	return false
}
