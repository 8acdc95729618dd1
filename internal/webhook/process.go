package webhook

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/time/rate"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/mirror"
)

// orderReader is the part of the CMP client that a callback leads to.
type orderReader interface {
	Device(ctx context.Context, id string) (cmp.Device, error)
	OrdersOf(ctx context.Context, deviceID string) ([]cmp.Order, error)
}

// actions is what becomes of our own changes and messages.
type actions interface {
	DeviceOf(ctx context.Context, orderID string) (deviceID string, err error)
	Heard(ctx context.Context, order cmp.Order, asked, came time.Time) (actionID string, err error)
	MessagesOf(ctx context.Context, msgID, deviceID string, at time.Time) (ids []string, by string, err error)
	HearReport(ctx context.Context, msgID string) (told cmp.MTMessage, wait time.Duration, err error)
	NameProvider(ctx context.Context, msgID, provider string) error
}

// fleet is the copy of the fleet, which knows whose number it is.
type fleet interface {
	Device(ctx context.Context, id string) (mirror.Device, bool, error)
	ExactMany(ctx context.Context, values []string) (map[string][]mirror.Ref, error)
}

// Parts are what a processor works with, all of them.
type Parts struct {
	CMP     orderReader
	Actions actions
	Fleet   fleet
	Refresh func(deviceID string)  // has the copy read a device anew
	Tell    func(topics ...string) // told what is another thing now
	Timeout time.Duration          // bounds what one device or message may take
	Logger  *slog.Logger
}

// Processor turns callbacks into reads of the CMP, and what these say into what is shown. What a callback itself says changes nothing.
type Processor struct {
	Parts

	*Inbox

	newcomers *rate.Limiter // devices that the copy does not have
}

// NewProcessor returns the processor of an inbox.
func NewProcessor(i *Inbox, p Parts) *Processor {
	return &Processor{Parts: p, Inbox: i, newcomers: rate.NewLimiter(rate.Every(Coalesce), unknownAtOnce)}
}

// The pace: how many callbacks are taken at once and in one tick, how long a device or message is not asked about again, and how often
// a CMP that cannot be asked is tried.
const (
	atATime  = 20
	batches  = 25
	Coalesce = 10 * time.Second
	giveUp   = 150 // tries, which take a day
	mostWait = 10 * time.Minute
)

// Run processes what the CMP has to be asked about and is due, at every tick until ctx ends. What a crash left unprocessed is due at the first.
func (p *Processor) Run(ctx context.Context, tick <-chan time.Time) {
	p.run(ctx, tick, SMSMT, OrderStatus)
}

// RunMessages does so with messages from devices, which wait for no CMP.
func (p *Processor) RunMessages(ctx context.Context, tick <-chan time.Time) { p.run(ctx, tick, SMSMO) }

func (p *Processor) run(ctx context.Context, tick <-chan time.Time, kinds ...Kind) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			if err := p.processDue(ctx, kinds...); err != nil && ctx.Err() == nil {
				p.Logger.Warn("callbacks not processed", "err", err)
			}
		}
	}
}

// processDue takes the kinds in turn, a few of each, so that none waits for all of another.
func (p *Processor) processDue(ctx context.Context, kinds ...Kind) error {
	for range batches {
		most := 0
		for _, kind := range kinds {
			n, err := p.Process(ctx, kind)
			if err != nil {
				return err
			}
			most = max(most, n)
		}
		if most < atATime {
			break
		}
	}
	return nil
}

// Process takes the callbacks of a kind that are due, up to a number, and tells how many there were. Each is settled, or due again later.
func (p *Processor) Process(ctx context.Context, kind Kind) (int, error) {
	due, err := selectPushes(ctx, p.db.Read(), `INDEXED BY push_due WHERE state = 'new' AND due <= ? AND kind = ? ORDER BY due, id LIMIT ?`, p.Now().UnixMicro(), kind, atATime)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	if err := p.resolve(ctx, due); err != nil {
		return 0, err
	}
	for _, group := range grouped(due) {
		err := p.handle(ctx, group)
		if ctx.Err() != nil {
			return 0, ctx.Err() // they are due when the console is back
		}
		if err != nil { // the others do not wait for them
			p.failed(group, err)
			if err := p.keep(ctx, group); err != nil {
				return 0, err
			}
		}
	}
	return len(due), nil
}

// handle settles callbacks of one kind and one device.
func (p *Processor) handle(ctx context.Context, group []*Push) error {
	ctx, cancel := context.WithTimeout(cmp.InBackground(ctx), p.Timeout)
	defer cancel()
	switch group[0].Kind {
	case OrderStatus:
		return p.orders(ctx, group)
	case SMSMT:
		return p.reports(ctx, group)
	case SMSMO:
		return p.inbound(ctx, group)
	}
	return fmt.Errorf("callback %d is of the kind %q", group[0].ID, group[0].Kind)
}

// grouped puts together those of one device, in the order in which they came: of one that the copy has, or that they name alike.
func grouped(due []Push) [][]*Push {
	place := map[[2]string]int{}
	var groups [][]*Push
	for i := range due {
		device := [2]string{due[i].Holder}
		if device[0] == "" {
			device[1] = due[i].Device
		}
		if _, ok := place[device]; !ok {
			place[device] = len(groups)
			groups = append(groups, nil)
		}
		groups[place[device]] = append(groups[place[device]], &due[i])
	}
	return groups
}

// resolve finds the devices that callbacks are about: by the number that they name, else by the order, else by what was done
// to the order here.
func (p *Processor) resolve(ctx context.Context, due []Push) error {
	var values []string
	for _, push := range due {
		values = append(values, push.Device, push.Subject)
	}
	owners, err := p.Fleet.ExactMany(ctx, values)
	if err != nil {
		return err
	}
	for i := range due {
		push := &due[i]
		if push.Holder = only(owners[push.Device]); push.Holder == "" {
			push.Holder = only(owners[push.Subject])
		}
		if push.Holder == "" && push.Kind == OrderStatus { // the copy may still be filled
			if push.Holder, err = p.Actions.DeviceOf(ctx, push.Subject); err != nil {
				return err
			}
		}
	}
	return nil
}

// only is the device that has a number alone; empty when none or several do.
func only(owners []mirror.Ref) string {
	id := ""
	for _, o := range owners {
		if id != "" && o.ID != id {
			return ""
		}
		id = o.ID
	}
	return id
}

// settled marks a callback as done, whatever it waited for. One that was processed again still has led to what it led to the first time.
func (p *Push) settled(effect Effect, now time.Time) {
	p.State, p.Done, p.Wrong = Done, now, ""
	nothing := effect == Same || effect == Again || effect == Seen || effect == Stranger
	if !nothing || p.Effect == "" || p.Effect == Stranger {
		p.Effect = effect
	}
}

// later has callbacks looked at again when a wait is over.
func (p *Processor) later(group []*Push, wait time.Duration) {
	for _, push := range group {
		push.Due = p.Now().Add(wait)
	}
}

// failed has them looked at again, each time later, because the CMP could not be asked; after a day that is given up.
func (p *Processor) failed(group []*Push, err error) {
	p.again(group, err.Error())
	p.Logger.Warn("a callback waits, because the CMP could not be asked", "device", group[0].Holder, "err", err)
}

// again counts a try and has another one made, each time later; after a day that is given up.
func (p *Processor) again(group []*Push, why string) {
	now := p.Now()
	for _, push := range group {
		push.Tries++
		push.Due = now.Add(min(Coalesce<<min(push.Tries-1, 10), mostWait))
		if push.Tries >= giveUp {
			push.State, push.Done = Failed, now
		}
		push.Wrong = why
	}
}

// keep writes how callbacks stand, together with what else is to be written, also when the caller's time is over. One that somebody else
// settled meanwhile stays as it is.
func (p *Processor) keep(ctx context.Context, group []*Push, also ...func(ctx context.Context, tx *sql.Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	err := p.db.Write(ctx, func(tx *sql.Tx) error {
		for _, write := range also {
			if err := write(ctx, tx); err != nil {
				return err
			}
		}
		for _, push := range group {
			if err := push.update(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		p.Tell("pushes")
	}
	return err
}

func (p *Push) update(ctx context.Context, tx *sql.Tx) error {
	var due, done sql.NullInt64
	if !p.Done.IsZero() {
		done = sql.NullInt64{Int64: p.Done.UnixMicro(), Valid: true}
	}
	if !p.Due.IsZero() {
		due.Int64 = p.Due.UnixMicro()
	}
	_, err := tx.ExecContext(ctx, `UPDATE push SET state = ?, due = ?, tries = ?, done = ?, effect = ?, told = ?, holder = ?, message = ?, joined = ?, action = ?, seq = ?, wrong = ? WHERE id = ? AND state = ?`,
		p.State, due.Int64, p.Tries, done, p.Effect, p.Told, p.Holder, p.Message, p.Joined, p.Action, p.Seq, p.Wrong, p.ID, New)
	if err != nil {
		return fmt.Errorf("keep what callback %d led to: %w", p.ID, err)
	}
	return nil
}
