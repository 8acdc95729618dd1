package config

import (
	"os"
	"strings"
	"testing"
)

// TestReadme: the README's table has every setting, in the same order, with its default, and no other.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n| setting | default | meaning |\n|---|---|---|\n")
	table, _, ended := strings.Cut(table, "\n\n")
	if !found || !ended {
		t.Fatal("the README has no table of settings")
	}
	rows := strings.Split(table, "\n")
	for i, row := range rows {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		if len(cells) != 3 {
			t.Fatalf("row %d has %d cells: %s", i+1, len(cells), row)
		}
		if i >= len(settings) || cells[0] != "`"+settings[i].env+"`" {
			t.Fatalf("row %d is about %s; the settings are, in order:\n%s", i+1, cells[0], names())
		}
		value, plain := strings.CutPrefix(cells[1], "`")
		if s := settings[i]; plain != (s.initial != "") || plain && value != s.initial+"`" {
			t.Errorf("the README gives %s the default %s, it is %q", s.env, cells[1], s.initial)
		}
	}
	if len(rows) != len(settings) {
		t.Errorf("the README's table ends before %s", settings[len(rows)].env)
	}
}

func names() string {
	var all []string
	for _, s := range settings {
		all = append(all, s.env)
	}
	return strings.Join(all, "\n")
}
