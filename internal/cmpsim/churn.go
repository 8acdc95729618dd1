package cmpsim

import "fmt"

// Churn lets the fleet move while somebody pages through it: after every so
// many answers of queryBatchDevice so many devices are added, removed, moved
// and changed, at places that the seed picks.
type Churn struct {
	Every  int    `json:"every"`
	Add    int    `json:"add,omitempty"`
	Remove int    `json:"remove,omitempty"`
	Move   int    `json:"move,omitempty"`
	Change int    `json:"change,omitempty"`
	Seed   uint64 `json:"seed,omitempty"`
	// Times is how often; 0 means always.
	Times int `json:"times,omitempty"`
}

func (c Churn) check() error {
	if c.Every < 1 || min(c.Add, c.Remove, c.Move, c.Change, c.Times) < 0 {
		return fmt.Errorf("churn %+v: every must be 1 or more, and nothing below 0", c)
	}
	return nil
}

// SetChurn starts it; what was set before is forgotten.
func (s *Sim) SetChurn(c Churn) error {
	if err := c.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.churn, s.pages = c, 0
	return nil
}

// Churn is what was set last; its Every is 0 once it is over.
func (s *Sim) Churn() Churn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.churn
}

// ClearChurn lets the fleet rest.
func (s *Sim) ClearChurn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.churn = Churn{}
}

// churned counts an answered page; the caller holds the lock.
func (s *Sim) churned() {
	if s.churn.Every == 0 {
		return
	}
	if s.pages++; s.pages%s.churn.Every != 0 {
		return
	}
	s.stir(newRandom(s.churn.Seed, uint64(s.pages)))
	if s.churn.Times > 0 && s.pages/s.churn.Every == s.churn.Times {
		s.churn = Churn{}
	}
	s.save("the fleet")
}

func (s *Sim) stir(r *random) {
	for _, part := range []struct {
		kind  StepKind
		count int
	}{{StepAdd, s.churn.Add}, {StepRemove, s.churn.Remove}, {StepMove, s.churn.Move}, {StepChange, s.churn.Change}} {
		for range part.count {
			step := Step{Kind: part.kind, At: PlaceAnywhere, Seed: r.next()}
			if part.kind != StepAdd {
				if len(s.fleet.line) == 0 {
					continue
				}
				step.Device = s.fleet.idAt(r.below(len(s.fleet.line)))
			}
			if _, err := s.step(step); err != nil {
				s.opts.Logger.Error("sandbox: churn", "err", err)
			}
		}
	}
}
