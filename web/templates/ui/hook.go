package ui

import "github.com/a-h/templ"

// hook returns the stable attribute of a badge. The names are listed, so that no other attribute can come
// out of a value.
func hook(b Badge) templ.Attributes {
	switch b.Hook {
	case "status", "lifecycle", "outcome":
		return templ.Attributes{"data-" + b.Hook: b.Value}
	}
	return nil
}
