package cmpsim

import "math/bits"

// random is splitmix64: small, ours, and the same on every version of Go.
type random struct{ state uint64 }

// newRandom gives each device a stream of its own, so that a larger fleet
// begins with the same devices as a smaller one.
func newRandom(seed, stream uint64) *random {
	r := &random{state: seed}
	r.state = r.next() ^ stream*0xD1342543DE82EF95
	return r
}

func (r *random) next() uint64 {
	r.state += 0x9E3779B97F4A7C15
	z := r.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// below gives a number from 0 to n-1.
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// between gives a number from a to b, both included.
func (r *random) between(a, b int) int { return a + r.below(b-a+1) }

// chance is true in percent of the cases.
func (r *random) chance(percent int) bool { return r.below(100) < percent }

func pick[T any](r *random, from []T) T { return from[r.below(len(from))] }

// scatter maps a small number to a large one without collisions: the factor
// shares no divisor with the modulus 4.5e17 = 2^17·3^2·5^17.
func scatter(n, offset uint64) uint64 {
	const modulus, factor = 450_000_000_000_000_000, 282_475_249_000_003_211
	hi, lo := bits.Mul64(n, factor)
	return (bits.Rem64(hi, lo, modulus) + offset%modulus) % modulus
}
