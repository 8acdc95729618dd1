package cmpsim

import (
	"fmt"
	"strconv"
)

// issuer is where a card comes from: the real beginnings of its numbers.
type issuer struct {
	iccid  string // begins the ICCID
	length int    // of the ICCID, with its check digit
	imsi   string // country and network code
	phone  string // begins the number in E.164
	digits int    // of the number after that
	weight int
}

var issuers = []issuer{
	{"898520", 20, "45412", "8525", 7, 30},
	{"8985222", 19, "44003", "8180", 8, 14},
	{"894410", 19, "23410", "447", 9, 12},
	{"8944303", 20, "23430", "4474", 8, 6},
	{"896102", 19, "50502", "614", 8, 10},
	{"896101", 19, "50501", "6148", 7, 6},
	{"894301", 20, "23201", "43664", 7, 7},
	{"8931070", 19, "20404", "31970", 8, 7},
	{"894920", 20, "26201", "49151", 8, 4},
	{"890126", 19, "310260", "1208", 7, 4},
}

// filler is what the CMP shows where a card has no number.
const filler = "FFFFFFFFFF"

func pickIssuer(r *random) issuer {
	total := 0
	for _, i := range issuers {
		total += i.weight
	}
	n := r.below(total)
	for _, i := range issuers {
		if n -= i.weight; n < 0 {
			return i
		}
	}
	return issuers[0]
}

// iccidOf numbers a card: the serial grows with the device's place in the
// fleet, as cards of one batch do, so no two are alike.
func (i issuer) iccidOf(seed uint64, index int) string {
	width := i.length - 1 - len(i.iccid)
	return withCheckDigit(i.iccid + "24" + padded(batchStart(seed, i.iccid)+uint64(index), width-2))
}

func (i issuer) imsiOf(seed uint64, index int) string {
	return i.imsi + padded(batchStart(seed, i.imsi)%800_000_000+uint64(index), 15-len(i.imsi))
}

func (i issuer) phoneOf(r *random) string {
	number := []byte(i.phone)
	for range i.digits {
		number = append(number, '0'+byte(r.below(10)))
	}
	return string(number)
}

// padded writes a number with zeroes before it. It is called for every device
// of a fleet, and fmt takes three times as long.
func padded(n uint64, width int) string {
	digits := strconv.FormatUint(n, 10)
	return zeroes[:max(0, width-len(digits))] + digits
}

const zeroes = "00000000000000000000"

// batchStart is where an issuer's serials begin, below a thousand million so
// that a fleet of millions stays within the digits.
func batchStart(seed uint64, text string) uint64 {
	n, _ := strconv.ParseUint(text, 10, 64)
	return newRandom(seed, n).next() % 90_000_000
}

// withCheckDigit appends the Luhn digit.
func withCheckDigit(payload string) string {
	return payload + strconv.Itoa((10-luhn(payload+"0"))%10)
}

// luhn is the Luhn sum of a number with its check digit, modulo ten.
func luhn(number string) int {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum % 10
}

// orderIDOf numbers an order in one of the forms seen in the document.
func orderIDOf(r *random, seed uint64, index, k int) string {
	n := uint64(index)*16 + uint64(k)
	y, m, d := r.between(2021, 2024), r.between(1, 12), r.between(1, 28)
	switch form := r.below(100); {
	case form < 78:
		return "ORDER_" + strconv.FormatUint(1_500_000_000_000_000_000+scatter(n, seed), 10)
	case form < 92:
		return fmt.Sprintf("%04d%02d%02d%02d%02d%02d%07d", y, m, d, r.below(24), r.below(60), r.below(60), n%10_000_000)
	default:
		return fmt.Sprintf("L%04d%02d%02d%010d", y, m, d, n)
	}
}
