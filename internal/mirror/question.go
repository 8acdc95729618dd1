package mirror

import (
	"cmp"
	"math"
	"slices"
)

// place says where in a number a part must stand.
type place int

const (
	inside place = iota
	first
	end
)

// question asks the index for the devices that have all of some runs in one number of theirs, or any of them.
type question struct {
	runs  []wanted
	any   bool
	kinds kindSet // of the numbers that count
}

// kindSet are kinds of numbers, bit by bit.
type kindSet uint8

const everyKind = kindSet(math.MaxUint8)

// kindsOf are those of a list; of an empty one all.
func kindsOf(list []Kind) (s kindSet) {
	for _, k := range list {
		s |= 1 << k.group()
	}
	if s == 0 {
		s = everyKind
	}
	return s
}

func (s kindSet) has(e entry) bool { return s>>e.kind()&1 != 0 }

type wanted struct {
	run  int
	last bool // the number ends with it
}

// ask is the question for a part at a place, of some kinds of number, or of any.
func (r *runs) ask(part string, p place, kinds []Kind) question {
	q := question{kinds: kindsOf(kinds)}
	part = folded(part)
	if p == inside && len(part) < MinPart+1 && allDigits(part) {
		q.any, q.runs = true, threeDigits(part)
		return q
	}
	eachRun(part, p == end, func(run int, last bool) {
		if many := len(q.runs); many == 0 || !q.runs[many-1].last { // the last three of four say nothing more
			q.runs = append(q.runs, wanted{run, last})
		}
	})
	q.runs = r.telling(q.runs)
	return q
}

// threeDigits are found by the ten runs that they begin, or where no digit stands behind them.
func threeDigits(part string) (list []wanted) {
	value := 0
	for _, c := range part {
		value = 10*value + int(c-'0')
	}
	for digit := range 10 {
		list = append(list, wanted{run: 10*value + digit})
	}
	return append(list, wanted{run: threes + value})
}

// mostRuns is how many runs of a part are asked for: no number is longer.
const mostRuns = 16

// telling are the runs, each once, in the order in which they leave out most: one that must be the last, then the rarest.
func (r *runs) telling(list []wanted) (told []wanted) {
	slices.SortStableFunc(list, func(a, b wanted) int { return cmp.Or(lastFirst(a, b), cmp.Compare(r.counts[a.run], r.counts[b.run])) })
	for _, w := range list {
		if len(told) == mostRuns {
			break
		}
		if !slices.ContainsFunc(told, func(before wanted) bool { return before.run == w.run }) {
			told = append(told, w)
		}
	}
	return told
}

func lastFirst(a, b wanted) int {
	switch {
	case a.last == b.last:
		return 0
	case a.last:
		return -1
	}
	return 1
}

// steps are the runs as they are asked for: any of them at once, all of them one by one.
func (q question) steps() [][]wanted {
	if q.any {
		return [][]wanted{q.runs}
	}
	return slices.Collect(slices.Chunk(q.runs, 1))
}

// seats are those of the devices, each once.
func seats(found []entry) []int {
	list := make([]int, 0, len(found))
	for _, e := range found {
		if seat := e.seat(); len(list) == 0 || list[len(list)-1] != seat {
			list = append(list, seat)
		}
	}
	return list
}
