package mirror

import "slices"

// The search index holds the runs of every number: each four digits that stand together, three digits behind which stands none,
// and each three letters or digits that are not all digits. With a run it keeps the kind of number it is from, since runs of two numbers of
// a device would otherwise be taken for those of one, and whether the number ends with it. A text is found by its rarest runs;
// what is found so is then compared with the text itself. Beginnings need no runs: numbers are sorted by them, see keyOf.
const (
	runBits   = 14
	runsInAll = 1 << runBits
	threes    = 10_000 // the runs of four digits are before, each by its own number
	others    = 11_000 // the runs of three digits are before; those with letters share what is left
	MinPart   = 3      // letters or digits that a part must have
)

// posting is a run of a device: the run, the device's seat among those that are kept together, the kind of number, and whether the
// number ends with it. Sorted as numbers, those of a run are neighbours.
type posting uint32

const (
	seatBits  = 14
	kindBits  = 3
	entryBits = seatBits + kindBits
	lastBit   = 1 << entryBits // above the entry, so that those of a run which are last stand together
)

func posted(run, seat, kind int, last bool) posting {
	p := posting(run<<(entryBits+1) | seat<<kindBits | kind)
	if last {
		p |= lastBit
	}
	return p
}

func (p posting) run() int     { return int(p >> (entryBits + 1)) }
func (p posting) last() bool   { return p&lastBit != 0 }
func (p posting) entry() entry { return entry(p & (lastBit - 1)) }

// entry is a seat and a kind of number.
type entry uint32

func (e entry) seat() int { return int(e >> kindBits) }
func (e entry) kind() int { return int(e) & (1<<kindBits - 1) }

// group is the kind of a number as the index knows it: device ids are ICCIDs.
func (k Kind) group() int {
	return max(0, slices.Index([]Kind{KindICCID, KindIMSI, KindMSISDN, KindIMEI, KindOrder}, k))
}

// post appends the runs of a device, in their order and each once.
func post(list []posting, seat int, numbers []number) []posting {
	begin := len(list)
	for _, n := range numbers {
		kind := n.kind.group()
		eachRun(n.looked(), true, func(run int, last bool) { list = append(list, posted(run, seat, kind, last)) })
	}
	slices.Sort(list[begin:])
	return append(list[:begin], slices.Compact(list[begin:])...)
}

// eachRun visits the runs of a text. Of a part it is not known what stands behind it, unless it must be the end of a number.
func eachRun(text string, ends bool, visit func(run int, last bool)) {
	digits, value := 0, 0 // of the digits that stand together up to here, and of the last four of them
	for i := range len(text) {
		if isDigit(text[i]) {
			digits, value = digits+1, (10*value+int(text[i]-'0'))%threes
		} else {
			digits, value = 0, 0
		}
		end := i == len(text)-1
		last := end && ends
		if digits > 3 {
			visit(value, last)
		}
		if digits >= 3 && (last || !end && !isDigit(text[i+1])) {
			visit(threes+value%1000, last)
		}
		if digits < 3 && i >= 2 {
			visit(mixed(text[i-2:i+1]), last)
		}
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// mixed is the run of three letters or digits. Several share one: what is found is compared.
func mixed(three string) int {
	h := uint32(three[0]) | uint32(three[1])<<8 | uint32(three[2])<<16
	return others + int(h*0x9E3779B1>>8)%(runsInAll-others)
}
