package mirror

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// The search index holds, of each number, every run of four letters or digits, with a letter that says which kind of number
// it is from: runs of two numbers of a device would otherwise be taken for those of one. The last runs are marked. A text is
// found by its rarest runs; what is found so is then compared with the text itself. Beginnings need no runs: numbers are
// sorted by them, see keyOf.
const (
	gramSize     = 4
	sampled      = 4000   // devices from which the index learns which runs are common
	firstSift    = 128    // devices that are compared first; a part that many have needs no more
	siftAtOnce   = 4096   // devices that are compared at once
	mostOfOthers = 5000   // devices that are looked at for a beginning, though other numbers of theirs have it
	mostOfKind   = 640    // devices that are looked at for a part in one kind of number: the first two steps
	maxPart      = 50_000 // devices that may be looked at for a part
	scanFrom     = 10_000 // of a part of digits that more may have, all devices are looked at: that is quicker than one by one
	MinPart      = 3      // letters or digits that a part must have
	lastMark     = "$"
)

// gramsOf is what the index holds of a device: its runs, each once. They are some sixty, few enough to be looked through.
func gramsOf(numbers []number) string {
	b := append(make([]byte, 0, 384), ' ')
	add := func(mark, run string) {
		end := len(b)
		b = append(append(append(b, mark...), run...), ' ')
		if bytes.Contains(b[:end], b[end-1:]) {
			b = b[:end]
		}
	}
	for _, n := range numbers {
		text, kind := n.looked(), n.kind.letter()
		if len(text) < MinPart {
			continue
		}
		for i := 0; i+gramSize <= len(text); i++ {
			add(kind, text[i:i+gramSize])
		}
		add(lastMark+kind, text[max(0, len(text)-gramSize):])
		add(lastMark+kind, text[len(text)-MinPart:])
	}
	return string(b[1:])
}

// letters are those of the kinds in the index.
const letters = "ismeo"

func lettersOf(kinds []Kind) (list []string) {
	for _, k := range kinds {
		if !slices.Contains(list, k.letter()) {
			list = append(list, k.letter())
		}
	}
	if list == nil {
		list = strings.Split(letters, "")
	}
	return list
}

func (k Kind) letter() string {
	switch k {
	case KindIMSI:
		return "s"
	case KindMSISDN:
		return "m"
	case KindIMEI:
		return "e"
	case KindOrder:
		return "o"
	}
	return "i"
}

// grams knows how common the runs are, from a sample: only their order matters.
type grams struct {
	mu    sync.Mutex
	of    int64 // highest number of a device when the sample was taken
	count map[string]int
}

// common returns the counts, taken anew when the fleet has doubled.
func (g *grams) common(ctx context.Context, m *Mirror) (map[string]int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	last := m.columns.Load().last
	if g.count != nil && last < 2*g.of+100 {
		return g.count, nil
	}
	list, err := m.devices(ctx, spread(last, sampled))
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for _, d := range list {
		for run := range strings.FieldsSeq(gramsOf(d.numbers())) {
			count[run]++
		}
	}
	g.count, g.of = count, last
	return count, nil
}

// spread are so many numbers of devices, over all, one out of each stretch of the same length. Which one is scattered, since cards that follow
// each other have numbers that do: every hundredth of them ends in the same digits.
func spread(last int64, many int64) []int64 {
	var list []int64
	many = min(last, many)
	for i := range many {
		from, to := i*last/many, (i+1)*last/many
		list = append(list, 1+from+i*7919%(to-from))
	}
	return list
}

// place says where in a number a part must stand.
type place int

const (
	inside place = iota
	first
	end
)

// match is the question to the index for a part of at least three letters or digits at a place, of some kinds of number, or of any.
func match(part string, p place, count map[string]int, of []Kind) string {
	part = folded(part)
	var kinds []string
	for _, kind := range lettersOf(of) {
		kinds = append(kinds, matchKind(part, kind, p, count))
	}
	return strings.Join(kinds, " OR ")
}

func matchKind(part, kind string, p place, count map[string]int) string {
	if len(part) < gramSize {
		if p == end {
			return quoted(lastMark + kind + part)
		}
		return quoted(kind+part) + "* OR " + quoted(lastMark+kind+part)
	}
	runs := telling(part, kind, count)
	if p == end {
		common := func(run string) bool { return count[run] > sampled/100 }
		runs = append([]string{lastMark + kind + part[len(part)-gramSize:]}, slices.DeleteFunc(runs, common)...)
	}
	for i, run := range runs {
		runs[i] = quoted(run)
	}
	return "(" + strings.Join(runs, " AND ") + ")"
}

// telling are the runs of a part that tell devices apart, the rarest first. A run that very many have costs more to go through than
// it leaves out, so it is asked for only when there is no other.
func telling(part, kind string, count map[string]int) (runs []string) {
	for i := 0; i+gramSize <= len(part); i++ {
		runs = append(runs, kind+part[i:i+gramSize])
	}
	slices.SortStableFunc(runs, func(a, b string) int { return count[a] - count[b] })
	runs = slices.Compact(runs)
	common := slices.IndexFunc(runs, func(run string) bool { return count[run] > sampled/5 })
	if common < 0 {
		common = len(runs)
	}
	return runs[:min(max(common, 1), enough(count[runs[0]]))]
}

// enough is how many runs are asked for, when the rarest is met so often in the sample: each more costs its look into the index.
func enough(met int) int {
	switch {
	case met <= 1:
		return 2
	case met <= sampled/400:
		return 3
	}
	return 5
}

// matchDigits asks for a part that is shorter than a run by the ten digits that may follow it. Unlike the question for all that
// may follow, the index answers it bit by bit: of a common part the first devices come at once.
func matchDigits(part string, of []Kind) string {
	var runs []string
	for _, kind := range lettersOf(of) {
		for digit := '0'; digit <= '9'; digit++ {
			runs = append(runs, quoted(kind+folded(part)+string(digit)))
		}
	}
	return strings.Join(runs, " OR ")
}

func quoted(run string) string { return `"` + strings.ReplaceAll(run, `"`, `""`) + `"` }

// candidates reads the numbers of the next devices that the index finds behind one, at most so many, in their order. It
// holds no connection while they are compared: those who search at the same moment would wait for each other's.
func (m *Mirror) candidates(ctx context.Context, question string, after int64, most int) ([]int64, error) {
	ns, err := m.numbersOf(ctx, `SELECT rowid FROM gram WHERE gram MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?`, question, after, most)
	if err != nil {
		return nil, fmt.Errorf("ask the search index: %w", err)
	}
	return ns, nil
}

// sift goes through what the index finds in steps that grow, until visit has had enough. It looks at so many devices at most, and
// tells whether there may be others.
func (m *Mirror) sift(ctx context.Context, question string, step, left int, visit func(ns []int64) (more bool, err error)) (cut bool, err error) {
	for after := int64(0); left > 0; step = min(4*step, siftAtOnce) {
		most := min(step, left)
		ns, err := m.candidates(ctx, question, after, most)
		if err != nil || len(ns) == 0 {
			return false, err
		}
		if more, err := visit(ns); err != nil || !more || len(ns) < most {
			return false, err
		}
		after, left = ns[len(ns)-1], left-len(ns)
	}
	return true, nil
}
