package views

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"cmpconsole/internal/ident"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/notebook"
	"cmpconsole/internal/ops"
)

// finding is what a text led to.
type finding struct {
	read     ident.Reading
	devices  []mirror.Hit    // those that have the whole text as a number first
	whole    int             // how many of them have it whole
	cut      map[string]bool // the groups, by their id, of which there may be more than are shown
	more     bool            // there are other devices
	packages []packageFound
	labels   []notebook.LabelCount
	notes    []notebook.Note
	messages []ops.Message
	told     told
	broken   bool // the copy of the fleet could not be read
	typing   bool // the text may go on
	partial  bool // the fleet is being read for the first time: what is found may not be all
}

// packageFound is a package of the catalogue or of the fleet.
type packageFound struct {
	code, name string
	devices    int
	whole      bool // by its whole code
}

func (f finding) empty() bool {
	return len(f.devices) == 0 && len(f.packages) == 0 && len(f.labels) == 0 && len(f.notes) == 0 && len(f.messages) == 0
}

// count is the number of hits as the log keeps it.
func (f finding) count() string {
	n := len(f.devices) + len(f.packages) + len(f.labels) + len(f.notes) + len(f.told.devices) + len(f.told.orders)
	n += len(f.messages)
	if f.others() {
		return number(n) + "+"
	}
	return number(n)
}

// others tells whether there may be more of anything than is shown.
func (f finding) others() bool { return f.more || f.told.more || len(f.cut) > 0 }

// only returns the address of the one thing that is meant: the only one of this whole number, or the only hit at all.
func (f finding) only() string {
	var whole, all []string
	for i, h := range f.devices {
		if all = append(all, hitHref(h)); i < f.whole {
			whole = append(whole, hitHref(h))
		}
	}
	for _, p := range f.packages {
		if all = append(all, packageHref(p.code)); p.whole {
			whole = append(whole, packageHref(p.code))
		}
	}
	for _, m := range f.messages {
		all = append(all, smsHref(m.MsgID))
		if id, ok := f.read.Is(ident.Message); ok && id.Key == m.MsgID {
			whole = append(whole, smsHref(m.MsgID))
		}
	}
	for _, l := range f.labels {
		all = append(all, labelHref(l.Name))
	}
	for _, n := range f.notes {
		all = append(all, deviceHref(n.DeviceID))
	}
	if all = append(all, f.told.hrefs()...); len(whole) == 0 && !f.more && !f.told.more && !f.partial {
		whole = all
	}
	if whole = slices.Compact(slices.Sorted(slices.Values(whole))); len(whole) == 1 {
		return whole[0]
	}
	return ""
}

// hitHref is where a hit leads: an order code to its order, every other number to its device.
func hitHref(h mirror.Hit) string {
	if h.Kind == mirror.KindOrder && h.Device.Gone.IsZero() { // of a device that is gone the CMP tells no order
		return orderHref(h.Value)
	}
	return deviceHref(h.Device.ID)
}

// findHere looks up what is kept on this machine; for the panel under the box the best few. What cannot be read is logged, and the rest is shown.
func (s *Server) findHere(ctx context.Context, r ident.Reading, most int, typing bool) finding {
	f := finding{read: r, typing: typing, cut: map[string]bool{}, partial: s.filling()}
	for _, look := range []func(context.Context, *finding, int) error{s.findDevices, s.findPackages, s.findNotebook, s.findMessages} {
		if err := look(ctx, &f, most); err != nil {
			s.Logger.Error("search", "err", err)
			f.broken = true
		}
	}
	return f
}

// findDevices looks for devices by a whole number and by a part of one.
func (s *Server) findDevices(ctx context.Context, f *finding, most int) error {
	keys := f.read.Keys()
	for _, key := range keys {
		whole, err := s.Mirror.Exact(ctx, key, most)
		if err != nil {
			return err
		}
		f.add(whole.List)
		f.cutOff(whole)
	}
	f.whole = len(f.devices)
	for _, key := range partKeys(f.read) {
		if err := s.findParts(ctx, f, key, most); err != nil {
			return err
		}
	}
	if err := s.findCode(ctx, f, most); err != nil {
		return err
	}
	if f.typing && len(f.devices) > most {
		f.cutOff(mirror.Hits{List: f.devices, More: true})
		f.devices = f.devices[:most]
	}
	return nil
}

// findParts looks for a part. While somebody types the best few do; the page shows some of each kind of number, so that none hides the
// others.
func (s *Server) findParts(ctx context.Context, f *finding, part string, most int) error {
	hits, err := s.Mirror.Parts(ctx, part, most)
	if err != nil {
		return err
	}
	if !hits.More || f.typing {
		f.add(hits.List)
		f.cutOff(hits)
		return nil
	}
	f.more = true
	for _, group := range hitGroups {
		of, err := s.Mirror.Parts(ctx, part, most, group.kind)
		if err != nil {
			return err
		}
		f.addTo(of.List, most)
		f.mayGoOn(string(group.kind), of.More)
	}
	f.addTo(hits.List, most) // of a kind that was given up too soon
	return nil
}

// cutOff keeps in mind that there are more of some hits, of whichever kinds they are.
func (f *finding) cutOff(hits mirror.Hits) {
	f.more = f.more || hits.More
	for _, h := range hits.List {
		f.mayGoOn(string(h.Kind), hits.More)
	}
}

func (f *finding) mayGoOn(group string, more bool) {
	if more {
		f.cut[group] = true
	}
}

// shortCode is the beginning of an order code in the forms of the document, with fewer digits than are looked up.
var shortCode = regexp.MustCompile(`(?i)^(?:ORD|ORDE|ORDER|L)[_-]?[0-9]{0,2}$`)

// short tells that the text may be the beginning of an order code, and too little of it to find any.
func (f finding) short() bool {
	return shortCode.MatchString(strings.Join(strings.Fields(f.read.Text), ""))
}

// codeForm is a part of an order code with the letters before its digits.
var codeForm = regexp.MustCompile(`^[A-Za-z]+[_-]?([0-9]{3,})$`)

// findCode looks for orders by a part of their code that begins with letters: the digits are looked up, and the letters compared.
func (s *Server) findCode(ctx context.Context, f *finding, most int) error {
	typed := strings.ToUpper(strings.Join(strings.Fields(f.read.Text), ""))
	m := codeForm.FindStringSubmatch(typed)
	if m == nil || f.whole > 0 {
		return nil
	}
	hits, err := s.Mirror.Parts(ctx, m[1], most, mirror.KindOrder)
	if err != nil {
		return err
	}
	for _, h := range hits.List {
		if at := strings.Index(strings.ToUpper(h.Value), typed); at >= 0 {
			h.From, h.To = at, at+len(typed)
			f.add([]mirror.Hit{h})
		}
	}
	f.more = f.more || hits.More
	f.mayGoOn(string(mirror.KindOrder), hits.More)
	return nil
}

// partKeys are the letters or digits to look for within numbers. A number that was typed with 00 for its plus is
// stored without.
func partKeys(r ident.Reading) (keys []string) {
	if part := r.Part(); part != "" {
		keys = append(keys, part)
	}
	if phone, ok := r.Is(ident.MSISDN); ok && !slices.Contains(keys, phone.Key) {
		keys = append(keys, phone.Key)
	}
	return keys
}

// add takes hits of devices that are not there yet. There are few: each look-up has its limit.
func (f *finding) add(hits []mirror.Hit) {
	for _, h := range hits {
		if !slices.ContainsFunc(f.devices, func(o mirror.Hit) bool { return o.Device.ID == h.Device.ID }) {
			f.devices = append(f.devices, h)
		}
	}
}

// addTo takes hits by a part, so many of a kind of number at most. A device stands in the group of each kind that has the part, and in none of them a
// second time; one that has the whole text as a number stands there alone.
func (f *finding) addTo(hits []mirror.Hit, most int) {
	there := map[mirror.Kind]int{}
	for _, h := range f.devices[f.whole:] {
		there[h.Kind]++
	}
	for _, h := range hits {
		same := func(o mirror.Hit) bool { return o.Device.ID == h.Device.ID }
		if !slices.ContainsFunc(f.devices[:f.whole], same) && !slices.ContainsFunc(f.devices, func(o mirror.Hit) bool { return same(o) && o.Kind == h.Kind }) {
			if there[h.Kind]++; there[h.Kind] > most {
				f.mayGoOn(string(h.Kind), true)
				continue
			}
			f.devices = append(f.devices, h)
		}
	}
}

// minCode is how many digits of a package's code are looked for at least.
const minCode = 3

// findPackages looks for packages by the words of their name and by their code, in any case and width: all of them in any order, or as they
// are typed without spaces and signs.
func (s *Server) findPackages(_ context.Context, f *finding, most int) error {
	words, typed := strings.Fields(ident.Fold(f.read.Text)), ident.Squeeze(f.read.Text)
	_, named := f.read.Is(ident.Words)
	if len(words) == 0 || !named && len(f.read.Part()) < minCode {
		return nil
	}
	for _, p := range s.knownPackages() {
		text := ident.Fold(p.name + " " + p.code)
		missing := slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
		if missing && (typed == "" || !strings.Contains(ident.Squeeze(text), typed)) {
			continue
		}
		code, _ := f.read.Is(ident.Package)
		p.whole = strings.EqualFold(p.code, code.Key)
		if f.packages = append(f.packages, p); len(f.packages) > most {
			break
		}
	}
	f.packages = upTo(most, f.packages, f, "packages")
	return nil
}

// knownPackages are those of the fleet, the most used first, and then those of the catalogue as it was read last.
func (s *Server) knownPackages() (known []packageFound) {
	seen := map[string]bool{}
	for _, p := range s.Mirror.Packages() {
		if p.Code != "" && !seen[p.Code] {
			seen[p.Code] = true
			known = append(known, packageFound{code: p.Code, name: p.Name, devices: p.Devices})
		}
	}
	if listed := s.catalogue.last.Load(); listed != nil {
		for _, p := range listed.packages {
			if !seen[p.Code] {
				known = append(known, packageFound{code: p.Code, name: p.Name})
			}
		}
	}
	return known
}

// findNotebook looks for labels and notes of our own.
func (s *Server) findNotebook(ctx context.Context, f *finding, most int) error {
	var err error
	if f.labels, err = s.Book.LabelsWith(ctx, f.read.Text, most+1); err != nil {
		return err
	}
	f.labels = upTo(most, f.labels, f, "labels")
	if _, ok := f.read.Is(ident.Words); ok || f.whole == 0 && f.read.Part() != "" {
		f.notes, err = s.Book.NotesWith(ctx, f.read.Text, most+1)
		f.notes = upTo(most, f.notes, f, "notes")
	}
	return err
}

// findMessages looks for messages that this console sent, by their id or a part of it.
func (s *Server) findMessages(ctx context.Context, f *finding, most int) (err error) {
	part := strings.ToUpper(f.read.Part())
	if id, ok := f.read.Is(ident.Message); ok {
		part = id.Key
	}
	if part == "" || f.whole > 0 {
		return nil
	}
	f.messages, err = s.Actions.MessagesWith(ctx, part, most+1)
	f.messages = upTo(most, f.messages, f, "messages")
	return err
}

// upTo takes so many of a list into its group, and keeps in mind that there are more.
func upTo[T any](most int, list []T, f *finding, group string) []T {
	f.mayGoOn(group, len(list) > most)
	return list[:min(most, len(list))]
}
