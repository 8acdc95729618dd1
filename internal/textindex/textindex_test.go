package textindex

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// words have letters of one to four bytes, of both cases, and long stretches in common.
var words = strings.Fields("pause Pause restart ÄRGER Ärger 客户要求暂停 客户 订单 898602000000000000 898602 🙂🙂 ticket-17 ÅÅ a_b 100% straße İstanbul")

func phrase(r *rand.Rand) string {
	text := words[r.IntN(len(words))]
	for range r.IntN(3) {
		text += fmt.Sprint([]string{" ", "", "\x00", "\n"}[r.IntN(4)], words[r.IntN(len(words))], r.IntN(2000))
	}
	return text
}

// sample is a block, and the terms that it was made of, by row.
func sample(r *rand.Rand, rows int) (*Block, map[uint16][]Term) {
	b, made := NewBlock(), map[uint16][]Term{}
	for i := range rows {
		row := uint16(i * (Rows - 1) / max(1, rows-1)) // the first and the last one too
		for range r.IntN(4) {
			made[row] = append(made[row], Term{byte(r.IntN(3)), phrase(r)})
		}
		b.Add(row, made[row])
	}
	return b, made
}

func naive(made map[uint16][]Term, q Query) (rows []uint16) {
	for row, terms := range made {
		fits := q.Text == "" || slices.ContainsFunc(terms, func(t Term) bool { return strings.Contains(Fold(t.Text), Fold(q.Text)) })
		for _, t := range q.Exact {
			fits = fits && slices.Contains(terms, t)
		}
		if fits {
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return rows
}

func (s *Set) rows() (rows []uint16) {
	for i := range Rows {
		if s != nil && s.Has(uint16(i)) {
			rows = append(rows, uint16(i))
		}
	}
	return rows
}

// question asks for a piece of what there is, or for nothing that there is, or for terms.
func question(r *rand.Rand, made map[uint16][]Term) (q Query) {
	var terms []Term
	for row := uint16(r.IntN(Rows)); len(terms) == 0; row++ {
		terms = made[row]
	}
	if r.IntN(4) > 0 {
		runes := []rune(terms[0].Text)
		from := r.IntN(len(runes))
		q.Text = string(runes[from:min(len(runes), from+1+r.IntN(12))])
		if r.IntN(3) == 0 {
			q.Text = strings.ToUpper(q.Text)
		}
	}
	if len(Fold(q.Text)) < MinText {
		q.Text = ""
	}
	for _, t := range terms {
		if r.IntN(3) == 0 || q.Text == "" {
			q.Exact = append(q.Exact, t)
		}
	}
	return q
}

func create(t *testing.T, path, owner string) *File {
	t.Helper()
	return openFile(t, path, owner, func(int64, [OwnerBytes]byte) bool { return true })
}

func openFile(t *testing.T, path, owner string, keep func(int64, [OwnerBytes]byte) bool) *File {
	t.Helper()
	f, err := Open(path, [OwnerBytes]byte([]byte(fmt.Sprintf("%-32s", owner))), keep)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func add(t *testing.T, f *File, number int64, b *Block) {
	t.Helper()
	if err := f.Append(number, [OwnerBytes]byte{byte(number)}, b); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, f *File, number int64, q Query) []uint16 {
	t.Helper()
	set, err := f.Find(number, q)
	if err != nil {
		t.Fatal(err)
	}
	return set.rows()
}

// In memory, in a file, and in a file opened again, exactly the rows are found that hold what is asked for.
func TestFindIsExact(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	b, made := sample(r, 3000)
	path := filepath.Join(t.TempDir(), "texts")
	fresh := create(t, path, "us")
	add(t, fresh, 7, b)
	again := create(t, path, "us")
	hits := 0
	for range 400 {
		q := question(r, made)
		want := naive(made, q)
		hits += min(1, len(want))
		for name, got := range map[string][]uint16{"memory": b.Find(q).rows(), "file": find(t, fresh, 7, q), "opened again": find(t, again, 7, q)} {
			if !slices.Equal(got, want) {
				t.Fatalf("%+q in %s: rows %v, want %v", q, name, got, want)
			}
		}
	}
	if hits < 200 {
		t.Errorf("only %d questions had an answer", hits)
	}
}

func TestCountOfAStretch(t *testing.T) {
	t.Parallel()
	s := &Set{}
	for _, row := range []uint16{0, 1, 63, 64, 127, 128, 40_000, Rows - 1} {
		s.add(row)
	}
	for _, tt := range []struct {
		first, last uint16
		want        int
	}{{0, Rows - 1, 8}, {0, 0, 1}, {1, 63, 2}, {64, 64, 1}, {65, 126, 0}, {63, 128, 4}, {129, Rows - 2, 1}, {Rows - 1, Rows - 1, 1}} {
		if got := s.Count(tt.first, tt.last); got != tt.want {
			t.Errorf("%d to %d: %d, want %d", tt.first, tt.last, got, tt.want)
		}
	}
}

// What is damaged, cut short, outdated or somebody else's is left out, what stands before it stays, and the file goes on.
func TestOnlyWhatCanBeTrustedIsKept(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	b, made := sample(r, 50)
	q := question(r, made)
	whole := filepath.Join(t.TempDir(), "texts")
	f := create(t, whole, "us")
	for n := range int64(3) {
		add(t, f, n, b)
	}
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	one := (len(content) - len(magic) - OwnerBytes) / 3
	last := len(content) - one
	change := func(at int) []byte {
		c := slices.Clone(content)
		c[at] ^= 1
		return c
	}
	yes := func(int64, [OwnerBytes]byte) bool { return true }
	for name, tt := range map[string]struct {
		content []byte
		owner   string
		keep    func(int64, [OwnerBytes]byte) bool
		want    []int64
	}{
		"whole":               {content, "us", yes, []int64{0, 1, 2}},
		"a bit of the last":   {change(last + one/2), "us", yes, []int64{0, 1}},
		"its head":            {change(last + 3), "us", yes, []int64{0, 1}},
		"the first":           {change(len(content) - 3*one + one/2), "us", yes, nil},
		"cut short":           {content[:len(content)-1], "us", yes, []int64{0, 1}},
		"cut within a head":   {content[:last+9], "us", yes, []int64{0, 1}},
		"another format":      {change(2), "us", yes, nil},
		"of another log":      {content, "them", yes, nil},
		"empty":               {nil, "us", yes, nil},
		"one that went stale": {content, "us", func(n int64, mark [OwnerBytes]byte) bool { return mark[0] != 1 }, []int64{0, 2}},
	} {
		path := filepath.Join(t.TempDir(), "texts")
		if err := os.WriteFile(path, tt.content, 0o600); err != nil {
			t.Fatal(err)
		}
		f := openFile(t, path, tt.owner, tt.keep)
		var got []int64
		for n := range int64(3) {
			if f.Holds(n) {
				got = append(got, n)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: blocks %v, want %v", name, got, tt.want)
			continue
		}
		add(t, f, 9, b)
		if again := create(t, path, tt.owner); !again.Holds(9) || len(find(t, again, 9, q)) == 0 {
			t.Errorf("%s: the file does not go on", name)
		}
	}
}

// Whatever stands in a file, looking into it ends, with an answer or an error.
func FuzzFind(f *testing.F) {
	b, _ := sample(rand.New(rand.NewPCG(3, 4)), 20)
	body, lists := b.encode()
	f.Add(body[lists:], uint16(len(b.terms)), []byte{1, 1, 2}, "pause")
	f.Add([]byte{}, uint16(1), []byte{1}, "898602")
	f.Fuzz(func(t *testing.T, terms []byte, n uint16, list []byte, text string) {
		if len(Fold(text)) < MinText {
			t.Skip()
		}
		every := make([][]byte, hashes)
		for i := range text[MinText-1:] {
			every[hash(Fold(text)[min(i, len(Fold(text))-MinText):])] = list
		}
		stored := table(hashes, every)
		r := bytes.NewReader(append(stored, terms...))
		s := &segment{lists: part{r, hashes, 0}, terms: part{r, int(n), int64(len(stored))}}
		for i := range s.sizes {
			s.sizes[i] = 1
		}
		_, _ = s.find(Query{Text: text})
		_, _ = s.find(Query{Exact: []Term{{1, text}}})
	})
}
