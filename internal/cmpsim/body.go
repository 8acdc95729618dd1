package cmpsim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params are the fields of a request, undecoded.
type params map[string]json.RawMessage

// paramsOf reads them from where the call has them: the body, or for a GET the
// path and the query.
func paramsOf(r *http.Request, body []byte) (params, *refusal) {
	if r.Method != http.MethodGet {
		return decodeParams(body)
	}
	p := params{}
	for name, values := range r.URL.Query() {
		p[name] = encode(values[0])
	}
	if _, sim, ok := find(r.URL.Path); ok && sim != "" {
		p["sim_id"] = encode(sim)
	}
	return p, nil
}

func decodeParams(body []byte) (params, *refusal) {
	var p params
	if err := json.Unmarshal(body, &p); err != nil || p == nil {
		return nil, refuse(codeMalformed)
	}
	return p, nil
}

// text reads a field as a string; a number is taken by its digits, and null
// and absence are the empty string, as the document treats them.
func (p params) text(name string) string {
	raw := bytes.TrimSpace(p[name])
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	return string(raw)
}

// need is text for a field that the document requires.
func (p params) need(name string) (string, *refusal) {
	if v := p.text(name); v != "" {
		return v, nil
	}
	return "", refuse(codeMissing, name)
}

// oneOf reads a field that must have one of the values.
func (p params) oneOf(name string, values ...string) (string, *refusal) {
	v, err := p.need(name)
	if err == nil && !slices.Contains(values, v) {
		err = refuse(codeBadValue, name)
	}
	return v, err
}

// day reads a date such as 2024-06-03, in Zone; no date is the zero time.
func (p params) day(name string) (time.Time, *refusal) {
	v := p.text(name)
	if v == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, v, Zone)
	if err != nil {
		return at, refuse(codeBadValue, name)
	}
	return at, nil
}

// page reads the two paging fields; empty ones mean page 1 of 20 rows.
func (p params) page(limit int) (no, size int, err *refusal) {
	if no, err = p.positive("page_no", 1); err != nil {
		return 0, 0, err
	}
	if size, err = p.positive("page_size", 20); err != nil {
		return 0, 0, err
	}
	return no, min(size, limit), nil
}

func (p params) positive(name string, otherwise int) (int, *refusal) {
	v := p.text(name)
	if v == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 1<<30 {
		return 0, refuse(codeBadValue, name)
	}
	return n, nil
}

// pageNode is the document's page node.
type pageNode struct {
	CurPageNo  int `json:"cur_page_no"`
	PageSize   int `json:"page_size"`
	TotalCount int `json:"total_count"`
	TotalPages int `json:"total_pages"`
}

// pageOf says which rows a page holds; past the end it holds none.
func pageOf(no, size, total int) (node pageNode, from, to int) {
	node = pageNode{CurPageNo: no, PageSize: size, TotalCount: total, TotalPages: (total + size - 1) / size}
	from = min((no-1)*size, total)
	return node, from, min(from+size, total)
}
