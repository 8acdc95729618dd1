package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/cmp"
)

// TestCoverage: docs/api-coverage.md names every call of the document once, and what it names is there: methods of
// the client, files of the sandbox, addresses of the console and tests.
func TestCoverage(t *testing.T) {
	t.Parallel()
	doc := read(t, "docs/api-coverage.md")
	_, table, _ := strings.Cut(doc, "\n|---|---|---|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	tests, routes := everyTest(t), read(t, "internal/views/routes.go")
	client := reflect.TypeFor[*cmp.Client]()
	calls := map[string]bool{}
	for row := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(row, "| \n"), " | ")
		if len(cells) != 6 {
			t.Fatalf("%d cells: %s", len(cells), row)
		}
		calls[strings.Replace(strings.TrimPrefix(names(cells[1])[0], "GET "), "{id}", "{sim_id}", 1)] = true
		for _, method := range names(cells[2]) {
			if _, ok := client.MethodByName(method); !ok {
				t.Errorf("the client has no %s", method)
			}
		}
		for _, file := range names(cells[3]) {
			if !exists(filepath.Join("internal/cmpsim", file)) {
				t.Errorf("the sandbox has no %s", file)
			}
		}
		for _, address := range names(cells[4]) {
			if !strings.Contains(routes, `"`+address+`"`) {
				t.Errorf("the console has no %s", address)
			}
		}
		for _, test := range names(cells[5]) {
			if !tests[test] {
				t.Errorf("there is no %s", test)
			}
		}
	}
	for _, call := range cmp.Calls() {
		if !calls[call] {
			t.Errorf("the table has no row for %s", call)
		}
	}
}

// names are the words between back quotes.
func names(cell string) (found []string) {
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
		found = append(found, m[1])
	}
	return found
}

func everyTest(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	files := slices.Concat(glob(t, "*_test.go"), glob(t, "internal/*/*_test.go"))
	for _, file := range files {
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(read(t, file), -1) {
			found[m[1]] = true
		}
	}
	return found
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
