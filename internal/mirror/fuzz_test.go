package mirror

import (
	"bytes"
	"slices"
	"testing"
)

// A cursor of an address is either refused or means the same again.
func FuzzCursor(f *testing.F) {
	f.Add(position{7, 12}.cursor())
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parseCursor(text)
		if err != nil {
			return
		}
		if again, err := parseCursor(p.cursor()); err != nil || again != p {
			t.Errorf("%q is %+v, and then %+v, %v", text, p, again, err)
		}
	})
}

// A block of a file is either refused or comes out as it went in.
func FuzzBlock(f *testing.F) {
	f.Add((&facet{}).encode())
	f.Add((&confirmed{}).encode())
	f.Add([]byte("no block"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b facet
		if b.decode(data) == nil && !bytes.Equal(b.encode(), data) {
			t.Error("facts differ")
		}
		var c confirmed
		if c.decode(data) == nil && !bytes.Equal(c.encode(), data) {
			t.Error("confirmations differ")
		}
	})
}

// Profiles of a row, whatever stands there, are the same once they were read.
func FuzzProfiles(f *testing.F) {
	f.Add("8985,454120260000001,85251000001\n,,")
	f.Add("")
	f.Add("\n\t ;,|")
	f.Fuzz(func(t *testing.T, text string) {
		list := splitProfiles(text)
		if again := splitProfiles(joinProfiles(list)); !slices.Equal(again, list) {
			t.Errorf("%q is %+v, and then %+v", text, list, again)
		}
	})
}
