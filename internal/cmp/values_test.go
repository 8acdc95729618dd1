package cmp

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	moment, date := at(2022, 11, 23, 15, 37, 22), at(2022, 11, 23, 0, 0, 0)
	none := time.Time{}
	tests := []struct {
		raw      string
		want     time.Time
		dateOnly bool
	}{
		{"20221123153722", moment, false}, {"2022-11-23 15:37:22", moment, false}, {"2022-11-23T15:37:22", moment, false},
		{"2022/11/23 15:37:22", moment, false}, {" 2022-11-23 15:37:22 ", moment, false}, {"2022-11-23 15:37:22(UTC+8)", moment, false},
		{"2022-11-23T07:37:22Z", moment, false}, {"2022-11-23 15:37:22+08:00", moment, false}, {"2022-11-23T15:37:22+0800", moment, false},
		{"2022-11-23 10:37:22 +03:00", moment, false}, {"2022-11-23 07:37:22 +0000", moment, false}, {"2022-11-23T15:37:22.000+08:00", moment, false},
		{"2022-11-23 15:37:22.5", moment.Add(time.Second / 2), false}, {"2022-11-23T15:37:22.123456789", moment.Add(123456789), false},
		{"20221123", date, true}, {"2022-11-23", date, true}, {"2022/11/23", date, true},
		{"20540731", at(2054, 7, 31, 0, 0, 0), true}, {"20240229", at(2024, 2, 29, 0, 0, 0), true}, {"2023-11-27 23:59:59", at(2023, 11, 27, 23, 59, 59), false},
		{"", none, false}, {"  ", none, false}, {"soon", none, false}, {"20221323", none, false}, {"20230229", none, false}, {"00000000", none, false},
		{"0000-00-00 00:00:00", none, false}, {"0000-01-01", none, false}, {"2022-11-23 25:00:00", none, false}, {"1669189042000", none, false},
		{"2022112315", none, false}, {"２０２２1123", none, false}, {strings.Repeat("2", 1<<16), none, false},
	}
	for _, tt := range tests {
		got := parseTime(tt.raw)
		if !got.At.Equal(tt.want) || got.At.IsZero() != tt.want.IsZero() || got.DateOnly != tt.dateOnly {
			t.Errorf("%.40q is %v (date only: %v), want %v", tt.raw, got.At, got.DateOnly, tt.want)
		}
		if got.Raw != strings.TrimSpace(tt.raw) || got.IsZero() != (strings.TrimSpace(tt.raw) == "") {
			t.Errorf("%.40q: raw %.40q, none %v", tt.raw, got.Raw, got.IsZero())
		}
	}
}

// Whether the zone of a time is known shows: by the text, or by the document for the times of SMS.
func TestZonesAreStatedOrAssumed(t *testing.T) {
	t.Parallel()
	for raw, stated := range map[string]bool{
		"2022-11-23T07:37:22Z": true, "2022-11-23 15:37:22+08:00": true, "2022-11-23 07:37:22 +0000": true, "2022-11-23 15:37:22(UTC+8)": true,
		"2022-11-23 15:37:22": false, "20221123": false, "20221123153722": false, "soon": false, "soon(UTC+8)": false, "": false,
	} {
		if got := parseTime(raw); got.Stated != stated {
			t.Errorf("%q: the zone is stated: %v", raw, got.Stated)
		}
		if got := parseStatedTime(raw); got.Stated == got.At.IsZero() {
			t.Errorf("%q by the document: the zone is stated: %v", raw, got.Stated)
		}
	}
}

func TestParseVolume(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "00": 0, "1": 1024, "19397607": 19397607 * 1024, "0.5": 512, "1.25": 1280, "0.0001": 0, "1.0000000001": 1024,
		"1e3": 1000 * 1024, "1.9397607E7": 19397607 * 1024, "1.5E+2": 150 * 1024, // as Java prints large numbers
		"9007199254740991": math.MaxInt64 - 1023, "9007199254740991.9999": math.MaxInt64,
	} {
		if got := parseVolume(text, kilobyte); got != (Volume{want, true}) {
			t.Errorf("%q is %+v, want %d", text, got, want)
		}
	}
	for _, text := range []string{
		"", " ", "-1", "-0.5", "-0", "+1", "NaN", "Inf", "1.", ".5", "1,024", "10MB", "0x10", "1_000", "1/2", "1e", "1e-3", "1e999", "1e999999999",
		"9007199254740992", "9223372036854775807", strings.Repeat("9", 1000), "1." + strings.Repeat("0", 1000), "１",
	} {
		if got := parseVolume(text, kilobyte); got != (Volume{}) {
			t.Errorf("%.40q is %+v, want unknown", text, got)
		}
	}
	if parseVolume("10", megabyte) != parseVolume("10240", kilobyte) {
		t.Error("10 MB and 10,240 kB differ")
	}
}

func TestUsedPercent(t *testing.T) {
	t.Parallel()
	known := func(n int64) Volume { return Volume{n, true} }
	tests := []struct {
		name            string
		used, allowance Volume
		want            int
		known           bool
	}{
		{"nothing used", known(0), known(100), 0, true},
		{"rounded down", known(999), known(1000), 99, true},
		{"all", known(1000), known(1000), 100, true},
		{"over", known(2500), known(1000), 250, true},
		{"no overflow", known(math.MaxInt64), known(math.MaxInt64), 100, true},
		{"nearly", known(math.MaxInt64 - 1), known(math.MaxInt64), 99, true},
		{"beyond all bounds", known(math.MaxInt64), known(1), 1e9, true},
		{"allowance 0", known(5), known(0), 0, false},
		{"allowance unknown", known(5), Volume{}, 0, false},
		{"use unknown", Volume{}, known(5), 0, false},
	}
	for _, tt := range tests {
		if got, ok := (Order{Used: tt.used, Allowance: tt.allowance}).UsedPercent(); got != tt.want || ok != tt.known {
			t.Errorf("%s: %d, %v", tt.name, got, ok)
		}
	}
}

func TestFlagsOfACard(t *testing.T) {
	t.Parallel()
	for f, want := range map[Flag][2]bool{"1": {true, false}, "2": {false, true}, "0": {false, true}, "": {}, "7": {}} {
		if f.Yes() != want[0] || f.No() != want[1] {
			t.Errorf("%q: %v %v", f, f.Yes(), f.No())
		}
	}
}

func TestFiller(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{"FFFFFFFFFF": "", "ffff": "", "F": "", "": "", "61482271037": "61482271037", "FF61482271037": "FF61482271037"} {
		if got := filler(number); got != want {
			t.Errorf("%q became %q", number, got)
		}
	}
}
