package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// floors are the storeys of the house: a package imports lower ones only, none beside it and none above.
var floors = map[string]int{
	"":                 5,
	"internal/views":   4,
	"internal/ops":     3,
	"internal/inquiry": 3, "internal/annotate": 3,
	"internal/webhook": 3,
	"internal/testkit": 3, "internal/testkit/torture": 3,
	"internal/auth": 2, "internal/audit": 2, "internal/jobs": 2, "internal/mirror": 2, "internal/notebook": 2, "web/templates": 2,
	"internal/store": 1, "internal/cmp": 1, "web/templates/ui": 1,
	"internal/fault": 0, "internal/live": 0, "internal/config": 0, "internal/ident": 0, "internal/textindex": 0, "internal/cmpsim": 0, "web/static": 0,
}

// owners are the modules that only the named packages may use, besides tests.
var owners = map[string][]string{
	"github.com/gin-gonic/gin":     {"internal/views"},
	"github.com/a-h/templ":         {"internal/views", "web/templates", "web/templates/ui"},
	"github.com/gorilla/sessions":  {"internal/auth"},
	"golang.org/x/crypto":          {"internal/auth"},
	"modernc.org/sqlite":           {"internal/store"},
	"github.com/pressly/goose":     {"internal/store"},
	"cmpconsole/internal/config":   {""},
	"cmpconsole/internal/cmpsim":   {""},
	"cmpconsole/internal/testkit":  {},
	"github.com/chromedp/chromedp": {"internal/testkit"},
	"github.com/chromedp/cdproto":  {"internal/testkit"},
}

func TestFloors(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	walkImports(t, func(pkg, file, imported string) {
		seen[pkg] = true
		floor, ok := floors[pkg]
		if !ok {
			t.Errorf("%s: package %q has no floor; give it one, or a better place", file, pkg)
			return
		}
		target, ours := strings.CutPrefix(imported, "cmpconsole/")
		test := strings.HasSuffix(file, "_test.go")
		if ours && !test && floors[target] >= floor {
			t.Errorf("%s: %s (floor %d) imports %s (floor %d)", file, name(pkg), floor, target, floors[target])
		}
		for module, allowed := range owners {
			if !test && (imported == module || strings.HasPrefix(imported, module+"/")) && !within(pkg, allowed) {
				t.Errorf("%s: only %q may import %s", file, allowed, module)
			}
		}
		if pkg == "internal/cmpsim" && strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
			t.Errorf("%s: the sandbox uses the standard library only, not %s", file, imported)
		}
	})
	if !seen[""] || !seen["internal/views"] {
		t.Fatalf("the walk missed packages: %v", seen)
	}
}

func within(pkg string, allowed []string) bool {
	for _, a := range allowed {
		if a == pkg {
			return true
		}
	}
	return false
}

func name(pkg string) string {
	if pkg == "" {
		return "main"
	}
	return pkg
}

// walkImports calls visit for every import of every Go file in the repository.
func walkImports(t *testing.T, visit func(pkg, file, imported string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "tools" || entry.Name() == "data" || strings.HasPrefix(entry.Name(), ".") && file != ".") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(file, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			pkg := strings.TrimPrefix(path.Dir(filepath.ToSlash(file)), ".")
			visit(pkg, file, imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
