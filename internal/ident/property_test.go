package ident

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cmpconsole/internal/cmpsim"
)

// Every number of a fleet is recognised as what it is, and stays so whatever is written between its digits.
func TestAFleetIsRecognised(t *testing.T) {
	t.Parallel()
	sim, err := cmpsim.New(cmpsim.Options{Devices: 3000})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[Kind]int{}
	check := func(kind Kind, number, key string) {
		t.Helper()
		if !hasDigit(key) { // a card without a number of its own
			return
		}
		seen[kind]++
		plain := Read(number)
		if s, ok := plain.Is(kind); !ok || s.Key != key {
			t.Errorf("%s is no %s: %s", number, kind, senses(plain))
		}
		for _, written := range []string{scattered(r, number), wide(number)} {
			if got := Read(written); !sameSenses(got, plain) {
				t.Errorf("%q: %s, but %s plain", written, senses(got), senses(plain))
			}
		}
	}
	for _, sort := range cmpsim.Sorts() {
		for _, d := range sim.Samples(sort, 200) {
			check(Device, d.ID, d.ID)
			for _, p := range d.Profiles {
				check(Device, p.ICCID, p.ICCID)
				check(IMSI, p.IMSI, p.IMSI)
				check(MSISDN, p.MSISDN, p.MSISDN)
				check(MSISDN, "+"+p.MSISDN, p.MSISDN)
				check(MSISDN, "00"+p.MSISDN, p.MSISDN)
			}
			for _, o := range d.Orders {
				check(Order, o.ID, o.ID)
				check(Package, o.PackageCode, o.PackageCode)
			}
		}
	}
	for _, kind := range []Kind{Device, IMSI, MSISDN, Order, Package} {
		if seen[kind] < 100 {
			t.Errorf("%d numbers of the kind %s", seen[kind], kind)
		}
	}
}

// scattered puts separators between the characters of a number. A point before a last zero would make it a decimal.
func scattered(r *rand.Rand, number string) string {
	separators := []string{" ", "-", "\u00a0", "\u200b", "\u2011", "\u2009", "–", "\ufeff", "/"}
	var b strings.Builder
	for i, c := range number {
		b.WriteRune(c)
		if i > 0 && r.IntN(3) == 0 {
			b.WriteString(separators[r.IntN(len(separators))])
		}
	}
	return b.String()
}

func wide(number string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '！' }, number)
}

// sameSenses compares what is looked up; words keep the separators within them.
func sameSenses(a, b Reading) bool {
	return slices.EqualFunc(numbersOf(a), numbersOf(b), func(x, y Sense) bool { return x == y })
}

func numbersOf(r Reading) []Sense {
	return slices.DeleteFunc(slices.Clone(r.Senses), func(s Sense) bool { return s.Kind == Words })
}

func FuzzRead(f *testing.F) {
	for _, seed := range append(numbers, "8.9E+18", "8,98520E+19", "'8985", `="8985"`, "454120260000001.0", "８９８５", "\u202e8985\u202c", "=", "'", "0.0", "1e+1", "日本30GB", "\xff\xfe") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := Read(text)
		for _, s := range r.Senses {
			if s.Key == "" || s.Word == "" || !utf8.ValidString(s.Key) && utf8.ValidString(text) {
				t.Errorf("%q: %+v", text, s)
			}
			if s.Kind != Words && (!isAlnum(strings.ReplaceAll(s.Key, "_", "")) || len(s.Key) > 40) {
				t.Errorf("%q: the key %q", text, s.Key)
			}
			if again, ok := Read(s.Key).Is(s.Kind); s.Kind != Words && (!ok || again.Key != s.Key) {
				t.Errorf("%q: %s %q is not read as such again: %+v", text, s.Kind, s.Key, Read(s.Key).Senses)
			}
		}
		if r.Lost != nil && !isDigits(r.Lost.Prefix) && r.Lost.Prefix != "" {
			t.Errorf("%q: %+v", text, r.Lost)
		}
		for _, piece := range Split(text) {
			if strings.TrimSpace(piece) == "" {
				t.Errorf("%q has an empty piece", text)
			}
		}
	})
}
