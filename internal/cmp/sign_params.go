package cmp

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params are the parameters of a request as decoded JSON; numbers keep their digits.
type params map[string]any

// paramsOf reads them from where a request has them: a GET in its query, as texts, any other in its body.
func paramsOf(req *http.Request) (params, error) {
	p := params{}
	if req.Method == http.MethodGet {
		for name, values := range req.URL.Query() {
			p[name] = strings.Join(values, ",")
		}
		return p, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(body)
	d.UseNumber()
	err = d.Decode(&p)
	return p, err
}

// replace puts the parameters in the place of those that the request has. A body is sent in the form that is
// signed, so that it makes no difference whether nested objects are signed as sent or sorted.
func (p params) replace(req *http.Request) {
	if req.Method == http.MethodGet {
		query := url.Values{}
		for name, v := range p {
			query.Set(name, fmt.Sprint(v))
		}
		req.URL.RawQuery = canonicalQuery(query.Encode(), true)
		return
	}
	content := canonicalJSON(map[string]any(p))
	req.ContentLength = int64(len(content))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }
	req.Body, _ = req.GetBody()
}

// signed is the text under a signature: all parameters that are not empty, together with those that are given
// elsewhere in the request.
func (p params) signed(elsewhere params) string {
	all := maps.Clone(map[string]any(p))
	maps.Copy(all, elsewhere)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil || v == "" })
	return canonicalJSON(all)
}

// inPath are the parameters that stand in the path of a request, by the document's names.
func inPath(req *http.Request) params {
	const sims = "/sims/"
	i := strings.LastIndex(req.URL.Path, sims)
	if i < 0 {
		return params{}
	}
	id, _, _ := strings.Cut(req.URL.Path[i+len(sims):], "/")
	return params{"sim_id": id}
}

// canonicalJSON writes a decoded value without white space, the members of objects sorted by name.
func canonicalJSON(v any) string {
	var parts []string
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, quoteJSON(name)+":"+canonicalJSON(v[name]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		for _, item := range v {
			parts = append(parts, canonicalJSON(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case string:
		return quoteJSON(v)
	case nil:
		return "null"
	}
	return fmt.Sprint(v) // a json.Number or a bool
}

// quoteJSON escapes what JSON demands and nothing else. encoding/json also escapes the line separators of Unicode.
func quoteJSON(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch i := strings.IndexRune("\"\\\b\f\n\r\t", r); {
		case i >= 0:
			b.WriteString(`\` + `"\bfnrt`[i:i+1])
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

func milliseconds(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
