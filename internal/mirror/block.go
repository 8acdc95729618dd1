package mirror

import (
	"encoding/binary"
	"errors"
)

var errBlockSize = errors.New("it has not the size of a block")

const (
	facetBytes     = blockSize * (1 + 3*2 + 2*4 + 8)
	confirmedBytes = blockSize * 4
)

// encode writes one column after the other, so that a block of one kind of device compresses well in a backup.
func (f *facet) encode() []byte {
	data := append(make([]byte, 0, facetBytes), f.state[:]...)
	for _, column := range []*[blockSize]uint16{&f.expires, &f.ends, &f.used} {
		for _, v := range column {
			data = binary.LittleEndian.AppendUint16(data, v)
		}
	}
	for _, column := range []*[blockSize]uint32{&f.pack, &f.partner} {
		data = append32(data, column)
	}
	for _, v := range f.key {
		data = binary.LittleEndian.AppendUint64(data, v)
	}
	return data
}

func (f *facet) decode(data []byte) error {
	if len(data) != facetBytes {
		return errBlockSize
	}
	data = data[copy(f.state[:], data):]
	for _, column := range []*[blockSize]uint16{&f.expires, &f.ends, &f.used} {
		for i := range column {
			column[i] = binary.LittleEndian.Uint16(data[2*i:])
		}
		data = data[2*blockSize:]
	}
	for _, column := range []*[blockSize]uint32{&f.pack, &f.partner} {
		data = take32(column, data)
	}
	for i := range f.key {
		f.key[i] = binary.LittleEndian.Uint64(data[8*i:])
	}
	return nil
}

func (c *confirmed) encode() []byte {
	return append32(make([]byte, 0, confirmedBytes), (*[blockSize]uint32)(c))
}

func (c *confirmed) decode(data []byte) error {
	if len(data) != confirmedBytes {
		return errBlockSize
	}
	take32((*[blockSize]uint32)(c), data)
	return nil
}

func append32(data []byte, column *[blockSize]uint32) []byte {
	for _, v := range column {
		data = binary.LittleEndian.AppendUint32(data, v)
	}
	return data
}

func take32(column *[blockSize]uint32, data []byte) []byte {
	for i := range column {
		column[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return data[4*blockSize:]
}
