package notebook

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cmpconsole/internal/fault"
)

func TestLabels(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	told := label(t, b, []string{"d1", "d2"}, []string{" VIP ", "Fleet  A"}, nil)
	wantSame(t, "first", told[0], Labelling{DeviceID: "d1", Added: []string{"VIP", "Fleet A"}, After: []string{"Fleet A", "VIP"}})

	told = label(t, b, []string{"d1", "d3"}, []string{"vip"}, []string{"FLEET A"})
	wantSame(t, "in other letters", told, []Labelling{
		{DeviceID: "d1", Removed: []string{"Fleet A"}, Before: []string{"Fleet A", "VIP"}, After: []string{"VIP"}},
		{DeviceID: "d3", Added: []string{"VIP"}, After: []string{"VIP"}},
	})
	if told = label(t, b, []string{"d1"}, []string{"VIP"}, []string{"nobody's"}); told != nil {
		t.Errorf("what stays the same was told: %+v", told)
	}
	told = label(t, b, []string{"d1"}, []string{"VIP"}, []string{"vip"})
	wantSame(t, "given and taken", told, []Labelling(nil))

	got, err := b.Labels(t.Context(), []string{"d1", "d2", "d3", "d4"})
	wantSame(t, "of devices", got, map[string][]string{"d1": {"VIP"}, "d2": {"Fleet A", "VIP"}, "d3": {"VIP"}})
	counts, err2 := b.LabelCounts(t.Context())
	wantSame(t, "counts", counts, []LabelCount{{"Fleet A", 1}, {"VIP", 3}})
	with, err3 := b.LabelsWith(t.Context(), "LEE", 9)
	wantSame(t, "with a text", with, []LabelCount{{"Fleet A", 1}})
	if err := errors.Join(err, err2, err3); err != nil {
		t.Error(err)
	}
}

// A label that no device has any more is gone, and can come back spelled anew.
func TestALabelLivesOnDevices(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	label(t, b, []string{"d1"}, []string{"vip"}, nil)
	label(t, b, []string{"d1"}, nil, []string{"VIP"})
	if counts, err := b.LabelCounts(t.Context()); err != nil || len(counts) != 0 {
		t.Errorf("%v, %v", counts, err)
	}
	told := label(t, b, []string{"d1"}, []string{"VIP"}, nil)
	wantSame(t, "spelled anew", told[0].After, []string{"VIP"})
}

// No record, no label: when it fails, nothing stays.
func TestALabelThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	err := b.SetLabels(t.Context(), "support", []string{"d1", "d2"}, []string{"Fleet"}, nil, func(*sql.Tx, []Labelling) error { return errUnrecorded })
	if counts, _ := b.LabelCounts(t.Context()); !errors.Is(err, errUnrecorded) || len(counts) != 0 {
		t.Errorf("%v, %v", counts, err)
	}
}

func TestLabelNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"  VIP  customer ": "VIP customer", "重点客户": "重点客户", strings.Repeat("é", MaxLabel): strings.Repeat("é", MaxLabel)} {
		if got, err := LabelName(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for text, says := range map[string]string{"": "Write", " \t": "Write", strings.Repeat("x", MaxLabel+1): "40 characters; it has 41", "a,b": "comma", "a\x00b": "cannot be seen", "a\u202eb": "cannot be seen"} {
		_, err := LabelName(text)
		wantFault(t, err, fault.Invalid, says)
	}
}

func TestADeviceHasOnlySoManyLabels(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var names []string
	for n := range maxLabels {
		names = append(names, fmt.Sprintf("l%d", n))
	}
	label(t, b, []string{"d1"}, names, nil)
	err := b.SetLabels(t.Context(), "support", []string{"d1"}, []string{"one more"}, nil, func(*sql.Tx, []Labelling) error { return nil })
	wantFault(t, err, fault.Invalid, "50 at most")
	_, _, err = b.Foresee(t.Context(), []string{"d0", "d1"}, []string{"One more"}, nil)
	wantFault(t, err, fault.Invalid, "Device d1 would have 51")
	if _, _, err = b.Foresee(t.Context(), []string{"d0", "d1"}, []string{"One more"}, []string{"L1"}); err != nil {
		t.Errorf("one given and one taken: %v", err)
	}
}
