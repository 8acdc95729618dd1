package cmpsim

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// params are the fields of a request body, undecoded.
type params map[string]json.RawMessage

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
