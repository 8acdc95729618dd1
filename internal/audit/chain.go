package audit

import (
	"crypto/sha256"
	"encoding/binary"
)

// hashDomain keeps these hashes apart from every other use of SHA-256. It ends in a zero byte.
const hashDomain = "cmp-audit/1\x00"

// rowHash is SHA-256(domain ‖ seq as 8 bytes ‖ prev ‖ length of body as 4 bytes ‖ body), numbers big-endian.
// buf is scratch space, returned for the next call.
func rowHash(buf []byte, seq int64, prev, body []byte) (hash [sha256.Size]byte, _ []byte) {
	buf = append(buf[:0], hashDomain...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(seq))
	buf = append(buf, prev...)
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(body)))
	buf = append(buf, body...)
	return sha256.Sum256(buf), buf
}

// genesis is the prev_hash of row 1. It holds the log's id, so that two logs cannot be exchanged.
func genesis(logID string) []byte {
	h := sha256.Sum256([]byte(logID))
	return h[:]
}
