package views

import (
	"strings"

	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates"
)

// filter is one filter of a list: its name in the address, its name on the page and what it is set to.
type filter struct {
	key, label, value string
	id                bool
}

// chips shows the filters that are on, each with the address of the list without it.
func chips(path string, filters []filter) []templates.Chip {
	var list []templates.Chip
	for i, f := range filters {
		if f.value == "" {
			continue
		}
		var others []string
		for j, other := range filters {
			if j != i {
				others = append(others, other.key, other.value)
			}
		}
		list = append(list, templates.Chip{Name: f.label, Value: f.words(), Href: withQuery(path, others...), ID: f.id})
	}
	return list
}

// words says what a filter is set to as the list itself says it.
func (f filter) words() string {
	if w, ok := statusWords[cmp.OrderStatus(f.value)]; ok && f.key == "status" {
		return w.word
	}
	if w, ok := outcomeWords[f.value]; ok && f.key == "outcome" {
		return w.word
	}
	if f.key == "from" || f.key == "until" {
		return strings.Replace(f.value, "T", " ", 1)
	}
	return f.value
}
