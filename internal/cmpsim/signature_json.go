package cmpsim

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// object is a JSON object in the order in which it came: the older profiles
// sign nested objects as they are, only Cube v2 says that they are sorted.
type object []member

type member struct {
	name  string
	value any
}

var errNoObject = errors.New("the body is not one JSON object")

// parseObject reads a body; the parameters of an empty one are none.
func parseObject(body []byte) (object, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := parseJSON(d)
	if err != nil {
		return nil, err
	}
	o, ok := v.(object)
	if !ok || d.More() {
		return nil, errNoObject
	}
	return o, nil
}

func parseJSON(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return parseMembers(d)
	case json.Delim('['):
		return parseItems(d)
	}
	return token, nil
}

func parseMembers(d *json.Decoder) (any, error) {
	o := object{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := parseJSON(d)
		if err != nil {
			return nil, err
		}
		o = append(o, member{fmt.Sprint(name), value})
	}
	_, err := d.Token()
	return o, err
}

func parseItems(d *json.Decoder) (any, error) {
	list := []any{}
	for d.More() {
		item, err := parseJSON(d)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	_, err := d.Token()
	return list, err
}

// get is the value of a member, nil when there is none.
func (o object) get(name string) any {
	for _, m := range o {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// textOf is the value of a member that is a string, else empty.
func (o object) textOf(name string) string {
	s, _ := o.get(name).(string)
	return s
}

// without returns the object less the members of this name.
func (o object) without(name string) object {
	return slices.DeleteFunc(slices.Clone(o), func(m member) bool { return m.name == name })
}

// sorted returns the object with its members in the order of their names.
func (o object) sorted() object {
	o = slices.Clone(o)
	slices.SortStableFunc(o, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	return o
}

// signedParameters is the text of all parameters that are not empty, sorted.
func signedParameters(o object, deep bool) string {
	filled := slices.DeleteFunc(o.sorted(), func(m member) bool { return m.value == nil || m.value == "" })
	return compactJSON(filled, deep)
}

// compactJSON prints a value without white space and with no more escapes than
// JSON demands; deep sorts the objects inside.
func compactJSON(v any, deep bool) string {
	switch v := v.(type) {
	case object:
		if deep {
			v = v.sorted()
		}
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = quoted(m.name) + ":" + compactJSON(m.value, deep)
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = compactJSON(item, deep)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case string:
		return quoted(v)
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}

// quoted goes over the few bytes that JSON does not allow as they are.
func quoted(s string) string {
	short := map[byte]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}
	b := []byte{'"'}
	for _, c := range []byte(s) {
		switch escape, ok := short[c]; {
		case ok:
			b = append(b, escape...)
		case c < 0x20:
			b = fmt.Appendf(b, `\u%04x`, c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}

// parametersOf are the parameters of the query of a GET, else of the body.
func parametersOf(r *http.Request, body []byte) (object, error) {
	o, err := parseObject(body)
	if r.Method == http.MethodGet {
		o, err = nil, nil
		for name, values := range r.URL.Query() {
			o = append(o, member{name, strings.Join(values, ",")})
		}
	}
	return o, err
}

// pathParameters are those that stand in the path, under the names that the
// document gives them there.
func pathParameters(r *http.Request) object {
	_, rest, ok := strings.Cut(r.URL.Path, "/sims/")
	if !ok {
		return nil
	}
	sim, _, _ := strings.Cut(rest, "/")
	return object{{"sim_id", sim}}
}
