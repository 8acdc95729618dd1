package ops

import (
	"strings"
	"testing"
)

func times(n int, s string) string { return strings.Repeat(s, n) }

// The borders of GSM 03.38: where one more character costs one more SMS.
func TestMeasureText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text            string
		encoding              Encoding
		units, segments, left int
	}{
		{"empty", "", GSM7, 0, 0, 160},
		{"one", "a", GSM7, 1, 1, 159},
		{"160", times(160, "a"), GSM7, 160, 1, 0},
		{"161", times(161, "a"), GSM7, 161, 2, 145},
		{"306", times(306, "a"), GSM7, 306, 2, 0},
		{"307", times(307, "a"), GSM7, 307, 3, 152},
		{"all of the basic set", gsmBasic, GSM7, 127, 1, 33},
		{"all of the extension", gsmExtra, GSM7, 20, 1, 140},
		{"80 extended", times(80, "€"), GSM7, 160, 1, 0},
		{"extended as the 160th", times(159, "a") + "€", GSM7, 161, 2, 145},
		{"extended over a part's border", times(152, "a") + "€" + times(20, "a"), GSM7, 174, 2, 131},
		{"extended before a part's border", times(151, "a") + "€" + times(20, "a"), GSM7, 173, 2, 133},
		{"a border in each of two parts", times(152, "a") + "€" + times(150, "a") + "€" + "a", GSM7, 307, 3, 150},
		{"70", times(70, "中"), UCS2, 70, 1, 0},
		{"71", times(71, "中"), UCS2, 71, 2, 63},
		{"134", times(134, "中"), UCS2, 134, 2, 0},
		{"135", times(135, "中"), UCS2, 135, 3, 66},
		{"one other character", times(70, "a") + "“", UCS2, 71, 2, 63},
		{"35 pairs", times(35, "🙂"), UCS2, 70, 1, 0},
		{"36 pairs", times(36, "🙂"), UCS2, 72, 2, 61},
		{"pair over a part's border", times(66, "中") + "🙂" + times(5, "中"), UCS2, 73, 2, 60},
		{"pair before a part's border", times(65, "中") + "🙂" + times(5, "中"), UCS2, 72, 2, 62},
		{"extension characters are one unit in UCS-2", times(69, "€") + "中", UCS2, 70, 1, 0},
		{"not in GSM-7, though in Latin 1", "ê", UCS2, 1, 1, 69},
		{"a tab is not in GSM-7", "a\tb", UCS2, 3, 1, 67},
		{"lines", "a\r\nb", GSM7, 4, 1, 156},
		{"broken UTF-8", "a\xffb", UCS2, 3, 1, 67},
	} {
		m := MeasureText(tt.text)
		if m.Encoding != tt.encoding || m.Units != tt.units || m.Segments != tt.segments || m.Left != tt.left {
			t.Errorf("%s: %s, %d units in %d segments, %d left; want %s, %d in %d, %d left",
				tt.name, m.Encoding, m.Units, m.Segments, m.Left, tt.encoding, tt.units, tt.segments, tt.left)
		}
	}
}

// What forces UCS-2 can be shown in place, and named.
func TestWhatForcesUCS2(t *testing.T) {
	t.Parallel()
	m := MeasureText("It’s 5 °C, isn’t it")
	var marked, whole string
	for _, r := range m.Runs {
		whole += r.Text
		if r.Forces {
			marked += "[" + r.Text + "]"
		}
	}
	if whole != "It’s 5 °C, isn’t it" || marked != "[’][°][’]" || m.Forcing != "’°" {
		t.Errorf("%q, marked %s, forcing %q", whole, marked, m.Forcing)
	}
	if m := MeasureText("plain"); len(m.Runs) != 1 || m.Runs[0].Forces || m.Forcing != "" {
		t.Errorf("%+v", m)
	}
}

func TestMeasureBinary(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int][2]int{0: {0, 140}, 1: {1, 139}, 140: {1, 0}, 141: {2, 127}, 268: {2, 0}, 269: {3, 133}} {
		if m := MeasureBinary(bytes); m.Segments != want[0] || m.Left != want[1] || m.Encoding != Binary {
			t.Errorf("%d bytes: %+v", bytes, m)
		}
	}
}

func FuzzMeasureText(f *testing.F) {
	f.Add("a€中🙂\xff")
	f.Fuzz(func(t *testing.T, text string) {
		m := MeasureText(text)
		whole := ""
		for _, r := range m.Runs {
			whole += r.Text
		}
		if size := room[m.Encoding]; m.Left < 0 || m.Left > size.alone || m.Segments < (m.Units+size.alone-1)/size.alone || whole != text {
			t.Errorf("%q: %+v", text, m)
		}
	})
}
