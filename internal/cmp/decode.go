package cmp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// node is a JSON object whose keys are folded: case, underscores and spaces do not count, because the document
// mixes order_code with orderCode. Of two spellings in one object the first that says something wins. A nil
// node is an empty one.
type node struct {
	members map[string]any
	clashes map[string]bool // members given twice, each time saying something else
}

// parseValue reads one JSON value and nothing behind it, numbers kept as they are written. Objects become
// *node, lists []any.
func parseValue(raw []byte) (any, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	// Checked as a whole first: that finds what is wrong in a cut answer and bounds the depth.
	var whole json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotJSON, err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return readValue(d)
}

func readValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotJSON, err)
	}
	switch token {
	case json.Delim('{'):
		return readObject(d)
	case json.Delim('['):
		return readList(d)
	}
	return token, nil
}

func readObject(d *json.Decoder) (*node, error) {
	n := new(node)
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNotJSON, err)
		}
		v, err := readValue(d)
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		n.put(foldKey(name), v)
	}
	_, err := d.Token() // the closing brace
	return n, err
}

func readList(d *json.Decoder) ([]any, error) {
	list := []any{}
	for d.More() {
		v, err := readValue(d)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.Token() // the closing bracket
	return list, err
}

func (n *node) put(key string, v any) {
	if n.members == nil {
		n.members = map[string]any{}
	}
	old, taken := n.members[key]
	switch {
	case !taken || isEmpty(old):
		n.members[key] = v
	case !isEmpty(v) && (!isScalar(old) || !isScalar(v) || old != v):
		if n.clashes == nil {
			n.clashes = map[string]bool{}
		}
		n.clashes[key] = true
	}
}

func foldKey(key string) string {
	return strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(key, "_", ""), " ", ""))
}

// isEmpty tells what says nothing: null, an empty text, an empty list or object.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	case *node:
		return v == nil || len(v.members) == 0
	}
	return false
}

func isScalar(v any) bool {
	switch v.(type) {
	case string, json.Number, bool:
		return true
	}
	return false
}

func (n *node) member(name string) any {
	if n == nil {
		return nil
	}
	return n.members[foldKey(name)]
}

// ambiguous tells that a member stands there twice and each time says something else.
func (n *node) ambiguous(name string) bool { return n != nil && n.clashes[foldKey(name)] }

// text returns the first of the named members that says something: a string, number or boolean as text.
func (n *node) text(names ...string) string {
	for _, name := range names {
		switch v := n.member(name).(type) {
		case string:
			if s := strings.TrimSpace(v); s != "" {
				return shortened(s)
			}
		case json.Number:
			return v.String()
		case bool:
			return strconv.FormatBool(v)
		}
	}
	return ""
}

// maxText is more than any text of the document has, in characters; what is longer is cut, and shows it.
const maxText = 2000

func shortened(s string) string {
	if len(s) <= maxText || utf8.RuneCountInString(s) <= maxText {
		return s
	}
	return string([]rune(s)[:maxText]) + "…"
}

// flag returns a boolean given as such, as text or as 0 or 1.
func (n *node) flag(name string) (value, ok bool) {
	switch strings.ToLower(n.text(name)) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// count returns a whole number, 0 when it is absent, negative or none.
func (n *node) count(name string) int {
	i, err := strconv.Atoi(n.text(name))
	if err != nil {
		return 0
	}
	return max(0, i)
}

func (n *node) child(name string) *node {
	c, _ := n.member(name).(*node)
	return c
}

// children returns the objects of a member that may be one object, a list of them, null, empty or missing.
func (n *node) children(name string) ([]*node, error) { return objects(n.member(name), name) }

// objects takes one object for a list of one. Anything else than objects is an error, because it must not look
// like nothing.
func objects(v any, name string) ([]*node, error) {
	if isEmpty(v) {
		return nil, nil
	}
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	var list []*node
	for _, item := range items {
		c, ok := item.(*node)
		if !ok && item != nil {
			return nil, ownError("the answer's " + name + " is neither an object nor a list of them")
		}
		if c != nil {
			list = append(list, c)
		}
	}
	return list, nil
}
