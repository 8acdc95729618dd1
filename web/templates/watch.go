package templates

// Watch is how a page keeps parts of itself up to date: it listens to topics, and reads its own address again when they have changed.
type Watch struct {
	Topics string // with spaces between
	Href   string // what is read again
	Parts  string // the ids of what is taken from there, with spaces between
	At     string // the position of the newest change when the page was read
	Every  string // seconds between looks while nobody may tell of a change; empty: it is told
}

// Unread is how many messages from devices nobody has read, in the navigation. It is a watch of its own, on every page.
type Unread struct {
	Count string // empty for none
	At    string // the position of the newest change when it was counted
}
