package mirror

import (
	"math/bits"
	"slices"
	"strings"
	"time"

	"cmpconsole/internal/cmp"
)

// A state holds in its bits the stage, the order's status, OTA and gone; it is never 0 for a device. A stage or status
// that the document does not name is other.
const (
	other     = 7
	stateOTA  = 1 << 6
	stateGone = 1 << 7
)

var (
	stages   = []cmp.Lifecycle{cmp.LifecycleInventory, cmp.LifecycleSilent, cmp.LifecycleUsage, cmp.LifecycleSuspended, cmp.LifecycleDisposal, cmp.LifecycleInternal}
	statuses = []cmp.OrderStatus{"", cmp.StatusNotEnabled, cmp.StatusInUse, cmp.StatusEnded, cmp.StatusSuspended}
)

func stageCode(l cmp.Lifecycle) uint8 {
	if i := slices.Index(stages, l); i >= 0 {
		return uint8(i + 1)
	}
	return other
}

func statusCode(s cmp.OrderStatus) uint8 {
	if i := slices.Index(statuses, s); i >= 0 {
		return uint8(i)
	}
	return other
}

// stageOf and statusOf read a state; what the document does not name is "?".
func stageOf(state uint8) cmp.Lifecycle {
	if code := int(state & 7); code >= 1 && code <= len(stages) {
		return stages[code-1]
	}
	return "?"
}

func statusOf(state uint8) cmp.OrderStatus {
	if code := int(state >> 3 & 7); code < len(statuses) {
		return statuses[code]
	}
	return "?"
}

// factsOf are the facts of a device as it stands in its row.
func factsOf(r *row) facts {
	f := facts{
		state: stageCode(cmp.Lifecycle(r.lifecycle)) | statusCode(cmp.OrderStatus(r.status))<<3,
		ends:  dayOf(unpackTime(r.ends).At), expires: dayOf(unpackTime(r.expires).At),
		used: shareOf(r.used, r.allowance), pack: uint32(r.pack), partner: uint32(r.partner), key: sortKey(r.id),
	}
	if cmp.Flag(r.ota).Yes() {
		f.state |= stateOTA
	}
	if r.gone > 0 {
		f.state |= stateGone
	}
	return f
}

// Days are told apart from 2011-01-01 on, which is day 2, until 2100-09-15. Those before are all earlier, those behind all later.
const (
	zeroDay = 14975 - 2 // in days since 1970
	earlier = 1
	later   = narrowMax
)

// dayOf counts the days to a time in the CMP's zone; 0 is no time.
func dayOf(t time.Time) uint16 {
	if t.IsZero() {
		return 0
	}
	_, offset := t.In(cmp.Zone).Zone()
	day := (t.Unix()+int64(offset))/(24*3600) - zeroDay
	return uint16(min(max(day, earlier), later))
}

// shareOf is the share of the allowance that is used, rounded down: per mille, and above ten times the allowance per cent.
func shareOf(used, allowance *int64) uint16 {
	if used == nil || allowance == nil || *allowance <= 0 || *used < 0 {
		return noUse
	}
	high, low := bits.Mul64(uint64(*used), 1000)
	if high >= uint64(*allowance) {
		return noUse - 1
	}
	perMille, _ := bits.Div64(high, low, uint64(*allowance))
	return packShare(perMille)
}

// packShare has room for 23,766 per cent.
func packShare(perMille uint64) uint16 {
	const fine = 10_000
	if perMille > fine {
		perMille = fine + (perMille-fine)/10
	}
	return uint16(min(perMille, noUse-1))
}

// sortKey orders devices as their ids do. ICCIDs, which begin with 89, keep all digits that fit after that; of any
// other id the first eleven letters or digits count. Devices with the same key stand in the order of their numbers.
func sortKey(id string) uint64 {
	const group = 1 << 62
	if rest, ok := strings.CutPrefix(id, "89"); ok && allDigits(rest) && len(rest) <= 18 {
		key := uint64(0)
		for i := range 18 {
			key *= 10
			if i < len(rest) {
				key += uint64(rest[i] - '0')
			}
		}
		return group + key
	}
	key := uint64(0)
	for i := range 11 {
		key *= 37
		if i < len(id) {
			key += 1 + rank36(id[i])
		}
	}
	if id > "89" {
		return 2*group + key
	}
	return key
}

func allDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// rank36 is the place of a digit or letter among all, whatever its case; what is neither comes last.
func rank36(c byte) uint64 {
	switch {
	case c >= '0' && c <= '9':
		return uint64(c - '0')
	case c >= 'A' && c <= 'Z':
		return uint64(c-'A') + 10
	case c >= 'a' && c <= 'z':
		return uint64(c-'a') + 10
	}
	return 35
}
