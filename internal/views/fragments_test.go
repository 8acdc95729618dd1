package views

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cmpconsole/internal/auth"
)

// Every page has a fragment at the same address for htmx: the same main, without the frame around it.
func TestFragments(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	paths := []string{"/nothing", "/devices/1", "/orders?page=0", "/audit/99999"}
	for row, p := range passages {
		if strings.HasPrefix(row, "GET ") && p.status == 200 && !strings.HasSuffix(row, "z") && !strings.HasSuffix(row, "/export") && row != "GET /audit/:seq" && row != "GET /unread" { // which is a part alone
			paths = append(paths, p.path)
		}
	}
	for _, path := range paths {
		whole, part := v.get(path), v.get(path, "HX-Request", "true")
		restored := v.get(path, "HX-Request", "true", "HX-History-Restore-Request", "true")
		other := v.get(path, "HX-Request", "1")
		for name, a := range map[string]answer{"whole page": whole, "restored": restored, "not htmx": other} {
			if !strings.HasPrefix(a.body, "<!doctype html>") || len(all(a.tree(t), "main", "")) != 1 {
				t.Errorf("%s, %s: no whole page", path, name)
			}
		}
		if lower := strings.ToLower(part.body); !strings.HasPrefix(part.body, "<title>") || strings.Contains(lower, "<html") || strings.Contains(lower, "<body") || strings.Contains(lower, "<main") || strings.Contains(lower, "<script") {
			t.Errorf("%s: no fragment: %.80s", path, part.body)
		}
		if whole.status != part.status || whole.status != restored.status || title(t, whole) != title(t, part) || heading(t, whole) != heading(t, part) {
			t.Errorf("%s: %d, %q, %q; fragment %d, %q, %q", path, whole.status, title(t, whole), heading(t, whole), part.status, title(t, part), heading(t, part))
		}
		for _, a := range []answer{whole, part, restored} {
			if vary := strings.Join(a.header.Values("Vary"), ", "); !slices.Contains(strings.Split(vary, ", "), "HX-Request") {
				t.Errorf("%s: Vary is %q", path, vary)
			}
		}
	}
}

func title(t *testing.T, a answer) string   { t.Helper(); return first(all(a.tree(t), "title", "")) }
func heading(t *testing.T, a answer) string { t.Helper(); return first(all(a.tree(t), "h1", "")) }

func first(found []*html.Node) string {
	if len(found) == 0 {
		return ""
	}
	return textOf(found[0])
}
