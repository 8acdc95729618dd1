package ui

import "github.com/a-h/templ"

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// attributes are those that a field has only at times. A field with an error takes the cursor, so that a page
// without scripts opens at what is to be mended.
func (f Field) attributes() templ.Attributes {
	a := templ.Attributes{}
	for name, value := range map[string]string{"inputmode": f.Mode, "autocomplete": f.Complete, "maxlength": f.Max, "list": f.List, "aria-describedby": describedBy(f)} {
		if value != "" {
			a[name] = value
		}
	}
	if f.Required {
		a["required"] = true
	}
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	if f.Error != "" || f.Focus {
		a["autofocus"] = true
	}
	return a
}
