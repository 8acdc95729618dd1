package ident

import (
	"slices"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		// devices
		"89852026000000000016":             "device=89852026000000000016",
		"8985 2026 0000 0000 0016":         "device=89852026000000000016",
		"8985-2026.0000 0000/0016":         "device=89852026000000000016",
		"\u200b8985202600000000\u00a00016": "device=89852026000000000016",
		"８９８５２０２６００００００００００１６":             "device=89852026000000000016",
		"89620000000000000018F":            "device=89620000000000000018 device=89620000000000000018F words",
		"8944100000000000001F":             "device=8944100000000000001 device=8944100000000000001F words",
		"860123456789012345":               "device=860123456789012345",
		"ABCD1234567":                      "device=ABCD1234567 words",
		// identities
		"454120260000001":        "imsi=454120260000001 msisdn=454120260000001 device=454120260000001",
		"4 5412 0260000001":      "imsi=454120260000001 msisdn=454120260000001 device=454120260000001",
		"490154203237518":        "imei=490154203237518 imsi=490154203237518 msisdn=490154203237518 device=490154203237518",
		"860000000000009":        "imei=860000000000009 msisdn=860000000000009 device=860000000000009",
		"35-209900-176148-1":     "imei=352099001761481 imsi=352099001761481 msisdn=352099001761481 device=352099001761481",
		"35209900176148":         "imei=352099001761481 msisdn=35209900176148 device=35209900176148",
		"3520990017614823":       "imei=352099001761481 device=3520990017614823",
		"+852 5100 0001":         "msisdn=85251000001",
		"0085251000001":          "msisdn=85251000001 device=0085251000001",
		"+86 (139) 0001-2352":    "msisdn=8613900012352",
		"85251000001":            "msisdn=85251000001 device=85251000001",
		"＋852 5100 0001":         "msisdn=85251000001",
		"ORDER_1700000000000001": "order=ORDER_1700000000000001 words",
		"order 1700000000000001": "order=ORDER_1700000000000001 device=order1700000000000001 words",
		"L201903020000000617":    "order=L201903020000000617 device=L201903020000000617 words",
		"202401150930000000005":  "order=202401150930000000005 device=202401150930000000005",
		"lk20261128091500000123": "message=LK20261128091500000123 device=lk20261128091500000123 words",
		"lp14230912003377":       "package=LP14230912003377 device=lp14230912003377 words",
		// behind what they are called
		"IMSI:454120260000001":            "imsi=454120260000001 msisdn=454120260000001 device=454120260000001 words",
		"ICCID 89852026000000000016":      "device=89852026000000000016 words",
		"iccid： 8985 2026 0000 0000 0016": "device=89852026000000000016 words",
		`"IMSI: '454120260000001"`:        "imsi=454120260000001 msisdn=454120260000001 device=454120260000001 words",
		"tel:+852 5100 0001":              "msisdn=85251000001 words",
		"Tel. 85251000001":                "device=Tel85251000001 words", // a phone by its word alone may be a name
		"IMEI 4901":                       "part=4901 words",
		"Phone 30GB":                      "part=Phone30GB words",
		"ICCID":                           "part=ICCID words",
		// parts and words
		"012369":                "part=012369",
		"…012369":               "part=012369",
		"123":                   "part=123",
		"12":                    "",
		"":                      "",
		"?!":                    "",
		"日本30GB":                "words",
		"fleet":                 "part=fleet words",
		"Fleet Berlin":          "words",
		"C_M_D_000018":          "words",
		strings.Repeat("1", 33): "",
	} {
		if got := senses(Read(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// senses writes a reading down. A part is left out beside whole numbers, of which it has the digits.
func senses(r Reading) string {
	var list []string
	for _, s := range r.Senses {
		switch {
		case s.Kind == Words:
			list = append(list, "words")
		case s.Kind != Part || !r.Whole():
			list = append(list, string(s.Kind)+"="+s.Key)
		}
	}
	return strings.Join(list, " ")
}

func TestReadInWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"89852026000000000016": "ICCID",
		"89852026000000000017": "ICCID; The check digit does not fit: one of the digits may be mistyped.",
		"490154203237518":      "IMEI or IMSI or MSISDN or device id",
		"490154203237519":      "IMSI or MSISDN or device id",
		"860000000000008":      "IMEI or MSISDN or device id; The check digit does not fit: one of the digits may be mistyped.",
		"4540":                 "part of a number",
		"日本":                   "text",
		"4":                    "too little to look for",
		"8.99E+19":             "a number cut by a spreadsheet",
		"":                     "",
	} {
		r := Read(text)
		got := r.As()
		if r.Remark() != "" {
			got += "; " + r.Remark()
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

func TestKeysStandOnce(t *testing.T) {
	t.Parallel()
	if got := Read("490154203237518").Keys(); !slices.Equal(got, []string{"490154203237518"}) {
		t.Errorf("%v", got)
	}
	if got := Read("0085251000001").Keys(); !slices.Equal(got, []string{"85251000001", "0085251000001"}) {
		t.Errorf("%v", got)
	}
}

func TestSpreadsheetDamage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		prefix string
		says   string
	}{
		"8.9E+18":               {"8", "19 digits"},
		"8.99E+19":              {"89", "20 digits"},
		"8,98520E+19":           {"8985", "20 digits"},
		"8.98525E+19":           {"89852", "20 digits"},
		"8.98 525 E+19":         {"89852", "20 digits"},
		"8.985202600000001e+19": {"8985202", "20 digits"}, // sixteen digits shown, of which a machine keeps fifteen
		"9E+18":                 {"", "None"},
		"4.5412E+14":            {"4541", "15 digits"},
		"８．９９Ｅ＋１９":              {"89", "20 digits"},
		"'8.99E+19":             {"89", "20 digits"},
		"8.9852026E+019":        {"8985202", "20 digits"},
		"ICCID: 8.99E+19":       {"89", "20 digits"},
	} {
		r := Read(text)
		if r.Lost == nil || r.Lost.Prefix != want.prefix || !strings.Contains(r.Lost.Why, want.says) || len(r.Senses) > 0 || r.Lost.Maybe {
			t.Errorf("%q: %+v, senses %v", text, r.Lost, r.Senses)
		}
	}
	for text, key := range map[string]string{
		"8.5251000001E+10": "85251000001", "4.5412026000000E+13": "45412026000000",
		"'89852026000000000016": "89852026000000000016", "’454120260000001": "454120260000001", "454120260000001.0": "454120260000001",
		"89,852,026,000,000,000,016": "89852026000000000016", "89’852’026’000’000’000’016": "89852026000000000016", "IMSI:454120260000001": "454120260000001",
		`="89852026000000000016"`: "89852026000000000016", `"89852026000000000016"`: "89852026000000000016", "=85251000001": "85251000001",
	} {
		r := Read(text)
		if r.Lost != nil || len(r.Notes) == 0 || !slices.Contains(r.Keys(), key) {
			t.Errorf("%q: %v, notes %v, lost %v", text, r.Keys(), r.Notes, r.Lost)
		}
	}
}

// A number whose end a spreadsheet has zeroed may be right all the same: it is looked up, and its start is offered.
func TestZeroedEnd(t *testing.T) {
	t.Parallel()
	for _, zeroed := range []string{"8985 2026 0000 0120 0000", "89,852,026,000,001,200,000"} {
		r := Read(zeroed)
		if r.Lost == nil || !r.Lost.Maybe || r.Lost.Prefix != "898520260000012" || len(r.Senses) == 0 {
			t.Errorf("%s: %+v, %v", zeroed, r.Lost, r.Senses)
		}
	}
	for _, whole := range []string{"89852026000000000016", "454120260000000", "000000000000000000"} {
		if r := Read(whole); r.Lost != nil {
			t.Errorf("%s: %+v", whole, r.Lost)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	if Fold("ＡＢＣ　套餐") != Fold("abc 套餐") {
		t.Error("width and case make a difference")
	}
}

// Low lines part the groups of a number and nothing else, and the pad of a card's last byte is no digit.
func TestGroupsAndPads(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"8985_2024_0319_0001_2345": "89852024031900012345", "89852024031900012345F": "89852024031900012345", "8985202403190001234f": "8985202403190001234", "898520240319000123FF": "898520240319000123",
		"89852024031900012345FFF": "89852024031900012345FFF", "ORDER_20240402101533871": "ORDER_20240402101533871",
	} {
		if keys := Read(text).WholeKeys(); len(keys) == 0 || keys[0] != want {
			t.Errorf("%s is looked up as %v, want %s", text, keys, want)
		}
	}
	if part := Read("0319_0001").Part(); part != "03190001" {
		t.Errorf("a part in groups is %q", part)
	}
}

// A number that was copied out of a list is read without the separator beside it.
func TestSeparatorsBesideANumber(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"89852026000000000016,", ";89852026000000000016", "8985 2026 0000 0000 0016；", `"89852026000000000016",`} {
		if r := Read(text); !slices.Contains(r.WholeKeys(), "89852026000000000016") || !slices.Contains(r.Notes, "the separator beside it") {
			t.Errorf("%q is read as %+v", text, r)
		}
	}
}
