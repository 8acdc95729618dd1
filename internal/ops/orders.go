package ops

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// formLife is how long a preflight page may be acted on; after that the state it showed is too old.
const formLife = 15 * time.Minute

// Client is the part of the CMP client that actions need.
type Client interface {
	changer
	Order(ctx context.Context, orderID string) (cmp.Order, error)
	OrdersOf(ctx context.Context, deviceID string) ([]cmp.Order, error)
	Device(ctx context.Context, id string) (cmp.Device, error)
	Bindings(ctx context.Context, deviceID string) ([]cmp.BindingTrack, error)
	MTMessages(ctx context.Context, q cmp.MTQuery) (cmp.MTPage, error)
}

// Actions is what can be done to the CMP: it prepares a change, sends it at most once and settles doubts by reading.
type Actions struct {
	db        *store.DB
	log       *audit.Log
	client    Client
	now       func() time.Time
	logger    *slog.Logger
	timeout   time.Duration
	gate      func(ctx context.Context, q store.Querier) string
	batchDone func()
	changed   func(deviceID string)
	publish   func(topics ...string)
	patience  time.Duration
	flights   flights
	together  together
	unwritten unwritten
	stopping  atomic.Bool
}

// Options are what actions go by, besides the parts that they work on.
type Options struct {
	Timeout   time.Duration                                     // bounds each call of the CMP, the wait for its turn included
	Closed    func(ctx context.Context, q store.Querier) string // why no change may be sent by what q sees, empty when one may
	BatchDone func()                                            // told after each batch of changes; may be nil
	Changed   func(deviceID string)                             // told of each device that is another one now, or may be; may be nil
	Publish   func(topics ...string)                            // told what pages that show it should read anew; may be nil
	Patience  time.Duration                                     // how long whoever has changes made together waits for them; 0: two seconds
	Now       func() time.Time
	Logger    *slog.Logger
}

// NewActions returns them.
func NewActions(db *store.DB, log *audit.Log, client Client, opts Options) *Actions {
	if opts.BatchDone == nil {
		opts.BatchDone = func() {}
	}
	if opts.Changed == nil {
		opts.Changed = func(string) {}
	}
	if opts.Publish == nil {
		opts.Publish = func(...string) {}
	}
	if opts.Patience == 0 {
		opts.Patience = patience
	}
	return &Actions{db: db, log: log, client: client, timeout: opts.Timeout, gate: opts.Closed, batchDone: opts.BatchDone, changed: opts.Changed, publish: opts.Publish, patience: opts.Patience, now: opts.Now, logger: opts.Logger}
}

// closed says why no change may be sent just now.
func (o *Actions) closed(ctx context.Context) string { return o.gate(ctx, o.db.Read()) }

// Stop lets no further action begin: what is on its way comes to its end, and the rest is told that nothing was sent.
func (o *Actions) Stop() { o.stopping.Store(true) }

// Operator is who acts and from where, as the audit log keeps it.
type Operator struct {
	auth.Identity
	RequestID, IP string
}

// Entry starts an audit entry of this operator.
func (o Operator) Entry(action audit.Action, phase audit.Phase) audit.Entry {
	return audit.Entry{Actor: o.Name, Roles: o.RoleNames(), Action: action, Phase: phase,
		RequestID: o.RequestID, IP: o.IP, Session: o.Session}
}

// Preflight is what an operator is shown before an action: the order as just read and, when the action is
// possible, the id that its form carries. Refused says why there is no form.
type Preflight struct {
	Rule    Rule
	Order   cmp.Order
	ReadAt  time.Time
	Open    *Action
	ID      string
	Refused string
}

// Preflight re-reads the order and prepares the action that the page's form will ask for.
func (o *Actions) Preflight(ctx context.Context, who Operator, orderID string, verb Verb) (Preflight, error) {
	rule, ok := RuleOf(verb)
	if !ok {
		return Preflight{}, fault.New(fault.NotFound, "There is no such action.")
	}
	asked := o.now()
	order, err := o.client.Order(ctx, orderID)
	if err != nil {
		return Preflight{}, fmt.Errorf("read order before %s: %w", verb, err)
	}
	p := Preflight{Rule: rule, Order: order, ReadAt: o.now()}
	if p.Open, err = o.Observe(ctx, order, asked); err != nil {
		return Preflight{}, fault.Wrap(fault.Unavailable, err, "What became of the last change could not be recorded, so no other one is prepared. Try again when the database takes writes.")
	}
	if p.Refused = o.refusal(o.closed(ctx), rule, who.Identity, order, p.Open); p.Refused != "" {
		return p, nil
	}
	a := Action{ID: rand.Text(), OrderID: order.ID, DeviceID: order.DeviceID, Verb: verb, Actor: who.Name, Before: string(order.Status), Expires: order.Expire.At, Prepared: p.ReadAt}
	p.ID = a.ID
	return p, o.prepare(ctx, a)
}

// prepare stores the action.
func (o *Actions) prepare(ctx context.Context, a Action) error {
	err := o.db.Write(ctx, func(tx *sql.Tx) error {
		if err := forgetOldPages(ctx, tx, a.Prepared); err != nil {
			return err
		}
		return insertPrepared(ctx, tx, a)
	})
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "The action could not be prepared, because the database did not take it. Nothing was sent.")
	}
	return nil
}

// forgetOldPages deletes what was shown yesterday and nobody acted on.
func forgetOldPages(ctx context.Context, q store.Querier, now time.Time) error {
	_, err := q.ExecContext(ctx, `DELETE FROM action WHERE state = 'prepared' AND claimed_at IS NULL AND prepared_at < ?`, now.Add(-24*time.Hour).UnixMicro())
	return err
}

// Open returns the action on a subject, such as an order, whose outcome is not known yet, nil when there is none.
func (o *Actions) Open(ctx context.Context, subject string) (*Action, error) {
	return selectAction(ctx, o.db.Read(), `WHERE id = (SELECT action_id FROM action_lock WHERE subject = ?)`, subject)
}

// Latest returns the newest action that was sent for the order, nil when there is none.
func (o *Actions) Latest(ctx context.Context, orderID string) (*Action, error) {
	return selectAction(ctx, o.db.Read(), `WHERE order_id = ? AND intent_seq > 0 ORDER BY intent_seq DESC`, orderID)
}
