package views

import (
	"sync"
	"time"
)

// maxZones is above the number of zones there are; one zone can be spelled in many ways.
const maxZones = 600

// zones remembers the zones that operators live in, because loading one reads a file.
type zones struct {
	mu     sync.Mutex
	loaded map[string]*time.Location
}

func (z *zones) load(name string) (*time.Location, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if zone, ok := z.loaded[name]; ok {
		return zone, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	if z.loaded == nil || len(z.loaded) == maxZones {
		z.loaded = map[string]*time.Location{}
	}
	z.loaded[name] = zone
	return zone, nil
}
