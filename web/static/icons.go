package static

import "regexp"

// Icons are the names of the icons in the sprite.
func Icons() []string {
	var names []string
	for _, m := range regexp.MustCompile(`<symbol id="([a-z0-9-]+)"`).FindAllSubmatch(assets["icons.svg"].body, -1) {
		names = append(names, string(m[1]))
	}
	return names
}
