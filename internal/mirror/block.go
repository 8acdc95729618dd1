package mirror

import (
	"encoding/binary"
	"errors"
)

var errBlock = errors.New("it is no block")

const (
	facetBytes     = blockSize * (1 + 3*2 + 2*4 + 8)
	confirmedBytes = blockSize * 4
)

// encode writes one column after the other, so that a block of one kind of device compresses well in a backup.
func (f *facet) encode() []byte {
	data := append(make([]byte, 0, facetBytes), f.state[:]...)
	for _, words := range f.words() {
		for _, word := range words {
			data = binary.LittleEndian.AppendUint64(data, word)
		}
	}
	return data
}

// words are the columns behind that of the states.
func (f *facet) words() [][]uint64 {
	return [][]uint64{f.expires[:], f.ends[:], f.used[:], f.pack[:], f.partner[:], f.key[:]}
}

func (f *facet) decode(data []byte) error {
	if len(data) != facetBytes {
		return errBlock
	}
	data = data[copy(f.state[:], data):]
	for _, words := range f.words() {
		for i := range words {
			words[i] = binary.LittleEndian.Uint64(data[8*i:])
		}
		data = data[8*len(words):]
	}
	for _, column := range []*narrow{&f.expires, &f.ends, &f.used} {
		if !sound(column[:], narrowTops) {
			return errBlock
		}
	}
	if !sound(f.pack[:], wideTops) || !sound(f.partner[:], wideTops) {
		return errBlock
	}
	return nil
}

func (c *confirmed) encode() []byte {
	data := make([]byte, 0, confirmedBytes)
	for _, v := range c {
		data = binary.LittleEndian.AppendUint32(data, v)
	}
	return data
}

func (c *confirmed) decode(data []byte) error {
	if len(data) != confirmedBytes {
		return errBlock
	}
	for i := range c {
		c[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return nil
}
