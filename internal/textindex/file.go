package textindex

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
	"os"
	"sync"
)

// File keeps blocks on the disk. It only grows: what is in it is whole and never changes, so that it is read without locks.
// It may be deleted at any time while nobody has it open; whatever cannot be trusted is left out when it is opened.
type File struct {
	file *os.File
	mu   sync.RWMutex
	held map[int64]*segment
	end  int64
}

// magic begins the file, and is followed by whose rows these are.
const magic = "cmpconsole text index 1\n"

// OwnerBytes is the length of what tells whose rows a file holds, and of the mark of a block.
const OwnerBytes = 32

// head stands before each stored block. It is written after the block is on the disk.
type head struct {
	Number       int64
	Mark         [OwnerBytes]byte // as it was given to Append
	Length       int64
	Lists        int64 // how much of that the lists take
	Terms        int64
	Body, Itself uint32 // checksums
}

const headBytes = 8 + OwnerBytes + 8 + 8 + 8 + 4 + 4

var crcs = crc32.MakeTable(crc32.Castagnoli)

// Open opens or creates the file of the owner, and keeps the blocks that keep says are still right by their mark. A file of
// another owner, and what follows a block that is not whole, is thrown away.
func Open(path string, owner [OwnerBytes]byte, keep func(number int64, mark [OwnerBytes]byte) bool) (*File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open text index: %w", err)
	}
	f := &File{file: file, held: map[int64]*segment{}}
	if err = f.begin(owner); err == nil {
		err = f.load(keep)
	}
	if err != nil {
		return nil, fmt.Errorf("open text index: %w", errors.Join(err, file.Close()))
	}
	return f, nil
}

// begin reads whose file it is, and makes it the owner's.
func (f *File) begin(owner [OwnerBytes]byte) error {
	want := append([]byte(magic), owner[:]...)
	have := make([]byte, len(want))
	_, err := f.file.ReadAt(have, 0)
	if f.end = int64(len(want)); err == nil && bytes.Equal(have, want) {
		return nil
	}
	if err := f.file.Truncate(0); err != nil {
		return err
	}
	_, err = f.file.WriteAt(want, 0)
	return err
}

// load takes in the blocks up to the first that is not whole, and cuts the file there.
func (f *File) load(keep func(int64, [OwnerBytes]byte) bool) error {
	for {
		h, s, err := f.read(f.end)
		if err != nil {
			return f.file.Truncate(f.end)
		}
		if f.end += headBytes + h.Length; keep(h.Number, h.Mark) {
			f.held[h.Number] = s
		}
	}
}

func (f *File) read(at int64) (h head, s *segment, err error) {
	raw := make([]byte, headBytes)
	if _, err := f.file.ReadAt(raw, at); err != nil {
		return h, nil, err
	}
	if _, err := binary.Decode(raw, binary.LittleEndian, &h); err != nil {
		return h, nil, err
	}
	if h.Itself != crc32.Checksum(raw[:headBytes-4], crcs) {
		return h, nil, errDamaged
	}
	sum := crc32.New(crcs)
	if n, err := io.Copy(sum, io.NewSectionReader(f.file, at+headBytes, h.Length)); err != nil || n != h.Length || sum.Sum32() != h.Body {
		return h, nil, errors.Join(errDamaged, err)
	}
	s, err = f.open(at+headBytes, h)
	return h, s, err
}

// open makes a stored block ready to be looked into.
func (f *File) open(at int64, h head) (*segment, error) {
	s := &segment{lists: part{f.file, hashes, at}, terms: part{f.file, int(h.Terms), at + h.Lists}}
	offsets := make([]byte, 4*(hashes+1))
	if _, err := f.file.ReadAt(offsets, at); err != nil {
		return nil, err
	}
	for i := range hashes {
		length := binary.LittleEndian.Uint32(offsets[4*i+4:]) - binary.LittleEndian.Uint32(offsets[4*i:])
		s.sizes[i] = uint8(bits.Len32(length))
	}
	return s, nil
}

// Append stores a block under its number, with a mark that tells later whether it is still right.
func (f *File) Append(number int64, mark [OwnerBytes]byte, b *Block) error {
	body, lists := b.encode()
	h := head{Number: number, Mark: mark, Length: int64(len(body)), Lists: int64(lists), Terms: int64(len(b.terms)), Body: crc32.Checksum(body, crcs)}
	raw := make([]byte, headBytes)
	for range 2 { // the second time with the checksum of the first
		if _, err := binary.Encode(raw, binary.LittleEndian, h); err != nil {
			return err
		}
		h.Itself = crc32.Checksum(raw[:headBytes-4], crcs)
	}
	if err := f.write(body, raw); err != nil {
		return fmt.Errorf("write text index: %w", errors.Join(err, f.file.Truncate(f.end)))
	}
	s, err := f.open(f.end+headBytes, h)
	if err != nil {
		return fmt.Errorf("write text index: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held[number] = s
	f.end += headBytes + h.Length
	return nil
}

// write puts the head before the body only when the body is on the disk.
func (f *File) write(body, head []byte) error {
	if _, err := f.file.WriteAt(body, f.end+headBytes); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	_, err := f.file.WriteAt(head, f.end)
	return err
}

// Holds tells whether the file has the block.
func (f *File) Holds(number int64) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.held[number] != nil
}

// Find is what Block.Find does, for a block of the file. The text of the query has MinText bytes or none. A block that cannot
// be read is given up, to be stored anew.
func (f *File) Find(number int64, q Query) (*Set, error) {
	f.mu.RLock()
	s := f.held[number]
	f.mu.RUnlock()
	if s == nil {
		return nil, fmt.Errorf("the text index has no block %d", number)
	}
	found, err := s.find(q)
	if err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.held, number)
	}
	return found, err
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }
