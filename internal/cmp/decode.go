package cmp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// node is a JSON object whose keys are folded: case and underscores do not count, because the document mixes
// order_code with orderCode. Of two spellings in one object the one that says something wins.
type node map[string]any

// parseNode reads one JSON value and nothing behind it; nil without error when it is no object.
func parseNode(raw []byte) (node, error) {
	v, err := parseValue(raw)
	if err != nil {
		return nil, err
	}
	n, _ := v.(node)
	return n, nil
}

func parseValue(raw []byte) (any, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not JSON: something stands behind the value")
	}
	return fold(v), nil
}

func fold(v any) any {
	switch v := v.(type) {
	case map[string]any:
		n := make(node, len(v))
		for _, key := range sortedAny(v) {
			folded := foldKey(key)
			if old, taken := n[folded]; !taken || isEmpty(old) {
				n[folded] = fold(v[key])
			}
		}
		return n
	case []any:
		for i := range v {
			v[i] = fold(v[i])
		}
	}
	return v
}

func sortedAny(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func foldKey(key string) string { return strings.ToLower(strings.ReplaceAll(key, "_", "")) }

func isEmpty(v any) bool { return v == nil || v == "" }

// text returns the first of the named members that says something: a string, number or boolean as text.
func (n node) text(names ...string) string {
	for _, name := range names {
		switch v := n[foldKey(name)].(type) {
		case string:
			if s := strings.TrimSpace(v); s != "" {
				return s
			}
		case json.Number:
			return v.String()
		case bool:
			return strconv.FormatBool(v)
		}
	}
	return ""
}

// flag returns a boolean given as such, as text or as 0 or 1.
func (n node) flag(name string) (value, ok bool) {
	switch n.text(name) {
	case "true", "TRUE", "True", "1":
		return true, true
	case "false", "FALSE", "False", "0":
		return false, true
	}
	return false, false
}

// count returns a whole number, 0 when it is absent or none.
func (n node) count(name string) int {
	i, err := strconv.Atoi(n.text(name))
	if err != nil {
		return 0
	}
	return i
}

func (n node) child(name string) node {
	c, _ := n[foldKey(name)].(node)
	return c
}

// children returns a member that may be one object, a list of them, null or missing.
func (n node) children(names ...string) []node {
	for _, name := range names {
		switch v := n[foldKey(name)].(type) {
		case node:
			return []node{v}
		case []any:
			var list []node
			for _, item := range v {
				if c, ok := item.(node); ok {
					list = append(list, c)
				}
			}
			return list
		}
	}
	return nil
}

// rawMember returns a member of an object as it came, whatever the case of its name.
func rawMember(content []byte, name string) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(content, &members); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	for key, raw := range members {
		if foldKey(key) == name {
			return raw, nil
		}
	}
	return nil, nil
}

// decode reads data into out, a *node; data that is no object leaves it nil.
func decode(data json.RawMessage, out any) error {
	n, err := parseNode(data)
	if err != nil {
		return err
	}
	*out.(*node) = n
	return nil
}
