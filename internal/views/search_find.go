package views

import (
	"context"
	"slices"
	"strings"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/ident"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/notebook"
	"cmpconsole/internal/ops"
)

// finding is what a text led to.
type finding struct {
	read     ident.Reading
	devices  []mirror.Hit // those that have the whole text as a number first
	whole    int          // how many of them have it whole
	more     bool         // there are other devices
	packages []packageFound
	labels   []notebook.LabelCount
	notes    []notebook.Note
	message  *ops.Message
	told     told
	broken   bool // the copy of the fleet could not be read
	typing   bool // the text may go on
}

// packageFound is a package of the catalogue or of the fleet.
type packageFound struct {
	code, name string
	devices    int
	whole      bool // by its whole code
}

func (f finding) empty() bool {
	return len(f.devices) == 0 && len(f.packages) == 0 && len(f.labels) == 0 && len(f.notes) == 0 && f.message == nil
}

// count is the number of hits as the log keeps it.
func (f finding) count() string {
	n := len(f.devices) + len(f.packages) + len(f.labels) + len(f.notes) + len(f.told.devices) + len(f.told.orders)
	if f.message != nil {
		n++
	}
	if f.more || f.told.more {
		return number(n) + "+"
	}
	return number(n)
}

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
	if f.message != nil {
		whole, all = append(whole, smsHref(f.message.MsgID)), append(all, smsHref(f.message.MsgID))
	}
	for _, l := range f.labels {
		all = append(all, labelHref(l.Name))
	}
	for _, n := range f.notes {
		all = append(all, deviceHref(n.DeviceID))
	}
	if all = append(all, f.told.hrefs()...); len(whole) == 0 && !f.more && !f.told.more {
		whole = all
	}
	if whole = slices.Compact(slices.Sorted(slices.Values(whole))); len(whole) == 1 {
		return whole[0]
	}
	return ""
}

// hitHref is where a hit leads: an order code to its order, every other number to its device.
func hitHref(h mirror.Hit) string {
	if h.Kind == mirror.KindOrder {
		return orderHref(h.Value)
	}
	return deviceHref(h.Device.ID)
}

// findHere looks up what is kept on this machine. What cannot be read is logged, and the rest is shown.
func (s *Server) findHere(ctx context.Context, r ident.Reading, most int) finding {
	f := finding{read: r}
	for _, look := range []func(context.Context, *finding, int) error{s.findDevices, s.findPackages, s.findNotebook, s.findMessage} {
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
		f.more = f.more || whole.More
	}
	f.whole = len(f.devices)
	for _, key := range partKeys(f.read) {
		hits, err := s.Mirror.Parts(ctx, key, most)
		if err != nil {
			return err
		}
		f.add(hits.List)
		f.more = f.more || hits.More
	}
	if len(f.devices) > most {
		f.devices, f.more = f.devices[:most], true
	}
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

// minCode is how many digits of a package's code are looked for at least: fewer are rather those of a card.
const minCode = 6

// findPackages looks for packages by the words of their name and by their code, in any case and width.
func (s *Server) findPackages(_ context.Context, f *finding, most int) error {
	words := strings.Fields(ident.Fold(f.read.Text))
	_, named := f.read.Is(ident.Words)
	if len(words) == 0 || !named && len(f.read.Part()) < minCode {
		return nil
	}
	for _, p := range s.knownPackages() {
		text := ident.Fold(p.name + " " + p.code)
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			continue
		}
		code, _ := f.read.Is(ident.Package)
		p.whole = strings.EqualFold(p.code, code.Key)
		if f.packages = append(f.packages, p); len(f.packages) == most {
			break
		}
	}
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
	if f.labels, err = s.Book.LabelsWith(ctx, f.read.Text, most); err != nil {
		return err
	}
	if _, ok := f.read.Is(ident.Words); ok {
		f.notes, err = s.Book.NotesWith(ctx, f.read.Text, min(most, panelSize))
	}
	return err
}

// findMessage looks for a message that this console sent.
func (s *Server) findMessage(ctx context.Context, f *finding, _ int) error {
	id, ok := f.read.Is(ident.Message)
	if !ok || !cmp.ValidMsgID(id.Key) {
		return nil
	}
	m, err := s.Actions.Message(ctx, id.Key)
	switch {
	case isNotFound(err):
		return nil
	case err == nil:
		f.message = &m
	}
	return err
}
