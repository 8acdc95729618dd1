package views

import (
	"context"
	"slices"

	"cmpconsole/internal/ident"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/notebook"
)

// recognise tells of each piece of a pasted list what it was read as and which device has it.
func (s *Server) recognise(ctx context.Context, pieces []string) ([]notebook.Line, error) {
	readings := make([]ident.Reading, len(pieces))
	var keys, messages []string
	for i, piece := range pieces {
		readings[i] = ident.Read(piece)
		keys = append(keys, readings[i].WholeKeys()...)
		if sense, ok := readings[i].Is(ident.Message); ok {
			messages = append(messages, sense.Key)
		}
	}
	found, err := s.Mirror.ExactMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	sentTo, err := s.Actions.DevicesOf(ctx, messages)
	if err != nil {
		return nil, err
	}
	for id, device := range sentTo {
		found[id] = append(found[id], mirror.Ref{ID: device})
	}
	lines, first := make([]notebook.Line, len(pieces)), map[string]int{}
	for i, r := range readings {
		l := lineOf(r, found)
		if earlier := first[l.Device]; l.State == notebook.Found && earlier > 0 {
			l.State, l.Note = notebook.Doubled, notebook.SameAs(earlier)
		} else if l.State == notebook.Found {
			first[l.Device] = i + 1
		}
		lines[i] = l
	}
	return lines, nil
}

func lineOf(r ident.Reading, found map[string][]mirror.Ref) notebook.Line {
	l := notebook.Line{Typed: r.Text, ReadAs: r.As(), State: notebook.Missing, Note: r.Remark()}
	var gone bool
	var devices []string
	for _, key := range r.WholeKeys() {
		for _, ref := range found[key] {
			if !slices.Contains(devices, ref.ID) {
				devices, gone = append(devices, ref.ID), ref.Gone
			}
		}
	}
	switch {
	case len(devices) == 1:
		l.State, l.Device = notebook.Found, devices[0]
		if gone {
			l.Note = "The CMP no longer knows this device."
		}
	case len(devices) > 1:
		l.State, l.Choices, l.Note = notebook.Ambiguous, devices, "Several devices have this number."
	case r.Lost != nil && !r.Lost.Maybe:
		l.State, l.Note = notebook.Unusable, r.Lost.Why+" "+ident.Advice
	case !r.Whole():
		l.State, l.Note = notebook.Unusable, "Only whole numbers are looked up in a list; the one box finds parts."
	default:
		if sense, ok := r.Is(ident.Device); ok {
			l.Device = sense.Key
		}
	}
	return l
}
