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

// hostile is what a field may hold to break out of its place: of the markup, of an attribute, of an address, of
// the line of text, of a terminal.
const hostile = `HOSTILE<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="alert(1)' autofocus onfocus='alert(1)` +
	"javascript:alert(1) </title></textarea></option>&lt;b&gt; \u202edesrever \u2067rtl \u200f\u061c \x00\x07\x1b[31m \u2028 {{7*7}}"

// garbled replaces every text in the CMP's answers but those under the keys that the pages need to be reached.
func garbled(keep ...string) func([]byte) []byte {
	for i, k := range keep {
		keep[i] = fold(k)
	}
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

func fold(key string) string { return strings.ToLower(strings.ReplaceAll(key, "_", "")) }

func garble(v any, keep []string) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if text, ok := inner.(string); ok && !slices.Contains(keep, fold(key)) {
				v[key] = text + " " + key + hostile
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

var ids = []string{"device_id", "order_id", "orderCode", "total_count", "total_pages", "page_no", "page_size"}

// Whatever the CMP says of a device or an order, it is text on the page and nothing else, and a text that turns
// the direction of writing turns nothing but itself.
func TestHostileUpstream(t *testing.T) {
	t.Parallel()
	waiting, suspended := cmpsim.DemoWaitingOrder, cmpsim.DemoSuspendedOrder
	for name, tt := range map[string]struct {
		keep  []string
		paths []string
	}{
		"names": {append(ids, "orderStatus", "lifecycle", "expireDate", "activeDate", "orderDate", "flow", "usedFlow"), []string{
			"/", "/devices", "/devices/" + cmpsim.DemoInUse, "/devices/" + cmpsim.DemoSeveral, "/orders", "/orders/" + cmpsim.DemoOrder, "/search?q=8985",
			"/orders/" + cmpsim.DemoOrder + "/pause", "/orders/" + cmpsim.DemoOrder + "/end", "/orders/" + waiting + "/cancel", "/orders/" + suspended + "/restart"}},
		"dates and amounts": {append(ids, "orderStatus", "lifecycle"), []string{"/devices", "/devices/" + cmpsim.DemoInUse, "/orders", "/orders/" + cmpsim.DemoOrder, "/orders/" + cmpsim.DemoOrder + "/pause"}},
		"all but ids":       {ids, []string{"/devices", "/devices/" + cmpsim.DemoInUse, "/orders", "/orders/" + cmpsim.DemoOrder}},
		"ids too":           {ids[3:], []string{"/devices", "/orders", "/search?q=8985"}},
	} {
		st := newSite(t)
		st.garble = garbled(tt.keep...)
		v := st.visit(t, auth.Support)
		for _, path := range tt.paths {
			a := v.get(path).want(t, 200)
			checkHarmless(t, name+" "+path, a, path != "/")
		}
	}
}

// The CMP's own words on an error, and what operators and browsers bring, are harmless on every page that shows
// them: result, device, order, home, search, and the log.
func TestHostileWordsInTheLog(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	support, auditor := st.visit(t, auth.Support), st.visit(t, auth.Auditor)
	st.sim.Script(cmpsim.Fault{Path: "device/queryBatchDevice", Times: 1, Kind: cmpsim.KindBusiness, Code: "<b>9</b>\u202e", Message: hostile},
		cmpsim.Fault{Path: "device/pauseService", Times: 1, Kind: cmpsim.KindBusiness, Code: "<b>9</b>\u202e", Message: hostile})
	checkHarmless(t, "error page", support.get("/devices").want(t, 502), true)
	order := "/orders/" + cmpsim.DemoOrder
	page := support.get(order + "/pause").want(t, 200)
	form := url.Values{"reason": {hostile}}
	for _, input := range all(page.tree(t), "input", "value") {
		if attr(input, "name") == "action" {
			form.Set("action", attr(input, "value"))
		}
	}
	support.post(order+"/pause", form).want(t, 303)
	entry := audit.Entry{Actor: "support", Roles: hostile, Action: audit.OrderPause, Phase: audit.Event, Outcome: audit.Refused, Device: hostile, Order: hostile, Reason: hostile,
		UpstreamCode: hostile, UpstreamMessage: hostile, RequestID: hostile, IP: hostile, Session: hostile, Detail: []audit.Field{{Key: hostile, Value: hostile}, {Key: "before_status", Value: hostile}}}
	if _, err := st.Audit.Append(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	entry.Actor, entry.Action, entry.Outcome = hostile, audit.Action(hostile), hostile
	seq, err := st.Audit.Append(t.Context(), entry)
	if err != nil {
		t.Fatal(err)
	}
	q := url.QueryEscape(hostile)
	for _, path := range []string{order, order + "/end", order + "/end?reason=" + q, "/devices/" + cmpsim.DemoInUse, "/", "/search?q=" + q, "/audit", auditHref(seq - 1)} {
		checkHarmless(t, path, support.get(path), path != order+"/end")
	}
	for _, path := range []string{"/audit", "/audit?actor=" + q + "&device=" + q + "&order=" + q, "/audit?action=" + q + "&outcome=" + q, auditHref(seq), auditHref(seq - 1), auditHref(seq - 2)} {
		checkHarmless(t, path, auditor.get(path).want(t, 200), true)
	}
	nobody := st.visit(t, "")
	checkHarmless(t, "the door", nobody.get("/login?next=/orders/X/end&reason="+q), true)
	checkHarmless(t, "the door after a post", nobody.post(order+"/pause", url.Values{"reason": {hostile}}), true)
	checkHarmless(t, "a wrong password", nobody.knock(hostile, "x", "reason", hostile), true)
}

// checkHarmless looks at a page as a browser does. shown says that some of the hostile text must be on it: a
// page that hides it proves nothing.
func checkHarmless(t *testing.T, name string, a answer, shown bool) {
	t.Helper()
	tree := a.tree(t)
	if there := strings.Contains(textOf(tree)+values(tree), "HOSTILE"); there != shown {
		t.Errorf("%s: the hostile text is on the page: %v", name, there)
	}
	for n := range tree.Descendants() {
		switch n.Type {
		case html.ElementNode:
			checkElement(t, name, n)
		case html.TextNode:
			if strings.ContainsFunc(n.Data, turns) && !isolated(n) {
				t.Errorf("%s: %q in <%s> of %q turns what stands beside it", name, n.Data[:min(24, len(n.Data))], n.Parent.Data, textOf(n.Parent.Parent)[:24])
			}
		}
	}
	if scripts := all(tree, "script", ""); len(scripts) != 2 || len(all(tree, "script", "src")) != 2 {
		t.Errorf("%s: %d scripts", name, len(scripts))
	}
}

// values are what the form's fields hold.
func values(tree *html.Node) string {
	var b strings.Builder
	for _, n := range all(tree, "", "value") {
		b.WriteString(attr(n, "value"))
	}
	return b.String()
}

func checkElement(t *testing.T, name string, n *html.Node) {
	t.Helper()
	if slices.Contains([]string{"img", "iframe", "object", "embed", "base", "style"}, n.Data) {
		t.Errorf("%s: there is a <%s>", name, n.Data)
	}
	for _, a := range n.Attr {
		own := strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, "#") || a.Val == ""
		address := slices.Contains([]string{"href", "src", "action", "formaction", "xlink:href"}, a.Key)
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || address && !own {
			t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
		}
	}
}

// turns tells what changes the direction of the text after it.
func turns(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

// blocks begin a paragraph of their own, over whose end no turn lasts.
var blocks = []string{"title", "p", "div", "h1", "h2", "li", "td", "dd", "dt", "blockquote", "textarea", "option", "figcaption", "section", "main", "body"}

// isolated tells whether a turn in the text ends with it: at an element that isolates, or at the end of a
// paragraph in which nothing else stands behind it.
func isolated(text *html.Node) bool {
	for n := text.Parent; n != nil; n = n.Parent {
		if n.Data == "bdi" || attr(n, "dir") != "" {
			return true
		}
		if slices.Contains(blocks, n.Data) {
			return textOf(n) == strings.Join(strings.Fields(text.Data), " ")
		}
	}
	return false
}
