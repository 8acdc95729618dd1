package ops

import (
	gocmp "cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// MaxPurchases is how many devices one order may name: the CMP is asked about each before and after.
const MaxPurchases = 50

// purchase is the kind of ordering a package for one device. Its state is the list of the device's orders of that
// package: one that was not there before means that the order was made, whoever placed it.
var purchase = &kind{
	settled: audit.OrderSettled,
	fields: func(_ Rule, a Action) []audit.Field {
		facts := []audit.Field{{Key: "package", Value: a.Wants}, {Key: "orders_before", Value: OrdersIn(a.Before)}}
		if p := a.purchase; p != nil {
			facts = append(facts, []audit.Field{
				{Key: "periods", Value: strconv.Itoa(p.Periods)}, {Key: "open", Value: strconv.FormatBool(p.Open)}, {Key: "amount", Value: p.Amount}, {Key: "paid", Value: strconv.FormatBool(p.Paid)},
				{Key: "test_flow", Value: gocmp.Or(p.TestFlow, "0")}, {Key: "batch", Value: p.Batch},
			}...)
		}
		return facts
	},
	subject: func(a Action) string { return "purchase:" + a.DeviceID },
	read: func(ctx context.Context, c Client, a Action) (string, error) {
		found, err := c.OrdersOf(ctx, a.DeviceID)
		return ordersOfPackage(found, a.Wants), err
	},
	wanted: func(Rule, Action) string { return "one order more" },
	evident: func(_ Rule, a Action, state string, _ time.Time) State {
		switch made, err := ordersMade(a.Before, state); {
		case err != nil || len(made) > 1:
			return Undetermined // which of them is ours, the CMP does not tell
		case len(made) == 1:
			return EffectPresent
		}
		return Unknown
	},
	kept: func(ctx context.Context, tx *sql.Tx, a Action) (string, error) {
		made, err := ordersMade(a.Before, a.Read)
		if err != nil || len(made) != 1 {
			return "", nil // a person has settled it, and says which order it is in the reason
		}
		return made[0], keepOrderID(ctx, tx, a.ID, made[0])
	},
	says: func(a Action) string {
		made, _ := ordersMade(a.Before, a.Read)
		return "new orders: " + strings.Join(made, " ")
	},
	busy:    "Another order for this device is waiting for its outcome, so nothing was sent.",
	changed: "The orders of this device have changed since the preview, so nothing was sent. Look at it again.",
}

var purchaseRules = []Rule{{Verb: Buy, Permission: auth.OrdersCreate, Audit: audit.OrderCreate, kind: purchase, send: func(ctx context.Context, c changer, a Action) (answer, error) {
	results, err := c.OrderPackages(ctx, a.purchase.order())
	if err == nil {
		err = results[0].Err()
	}
	if err != nil {
		return answer{}, err
	}
	return answer{order: results[0].OrderID}, nil
}}}

// ordersOfPackage lists the ids of the orders of a package, as a state.
func ordersOfPackage(orders []cmp.Order, code string) string {
	ids := []string{}
	for _, o := range orders {
		if o.PackageCode == code {
			ids = append(ids, o.ID)
		}
	}
	slices.Sort(ids)
	state, _ := json.Marshal(ids) // a list of texts always has a JSON form
	return string(state)
}

// OrdersIn lists the orders that the state of a purchase names, empty when it names none.
func OrdersIn(state string) string {
	made, _ := ordersMade("[]", state)
	return strings.Join(made, ", ")
}

// ordersMade lists the orders of a state that were not there before. It fails when either is no list of orders: the
// thing was gone, or an earlier version counted them.
func ordersMade(before, state string) ([]string, error) {
	var had, has []string
	if err := errors.Join(json.Unmarshal([]byte(before), &had), json.Unmarshal([]byte(state), &has)); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(has, func(id string) bool { return slices.Contains(had, id) }), nil
}

// Cart is a package for several devices, as it was previewed.
type Cart struct {
	Package  cmp.Package
	Periods  int
	Open     bool
	TestFlow string // MB of test traffic with a first order, empty for none
	Reason   string
	Items    []CartItem
	LeftOut  []LeftOut
}

// LeftOut is a device that was asked for and that the preview left out.
type LeftOut struct{ DeviceID, Why string }

// CartItem is a device of a cart with the orders that the preview has read of it.
type CartItem struct {
	DeviceID string
	Orders   []cmp.Order
}

// Purchase is one device's order with the action that places it.
type Purchase struct {
	Batch, DeviceID                       string
	PackageCode, PackageName, PackageType string
	Periods                               int
	Open, Paid                            bool
	Amount, TestFlow, Reason              string
	OrderID                               string // once the CMP has given it
	Action                                Action
}

func (p *Purchase) order() cmp.BulkOrder {
	return cmp.BulkOrder{
		Devices: []string{p.DeviceID}, PackageCode: p.PackageCode, PackageName: p.PackageName, PackageType: p.PackageType, Periods: p.Periods, Open: p.Open,
		Paid: p.Paid, PayType: payType, PayAmount: p.Amount, TestFlow: p.TestFlow,
	}
}

// PrepareCart keeps what was previewed: an action and a purchase for each device, none of them sent. It returns
// the id of the batch, which places the orders.
func (o *Actions) PrepareCart(ctx context.Context, who Operator, c Cart) (batch string, err error) {
	if !who.Can(auth.OrdersCreate) {
		return "", fault.New(fault.Forbidden, "Your role does not allow ordering packages. It needs "+holders(auth.OrdersCreate)+".")
	}
	if err := o.lacks(Buy); err != nil {
		return "", err
	}
	if wrong := CheckReason(c.Reason); wrong != "" {
		return "", fault.New(fault.Invalid, wrong)
	}
	if len(c.Items) == 0 || len(c.Items) > MaxPurchases {
		return "", fault.New(fault.Invalid, fmt.Sprintf("An order needs from 1 to %d devices.", MaxPurchases))
	}
	pay, err := PaymentOf(c.Package, c.Periods)
	if err != nil {
		return "", err
	}
	batch = rand.Text()
	err = o.db.Write(ctx, func(tx *sql.Tx) error {
		if err := forgetOldPages(ctx, tx, o.now()); err != nil {
			return err
		}
		for _, item := range c.Items {
			if err := o.prepareItem(ctx, tx, who, batch, c, item, pay); err != nil {
				return err
			}
		}
		return insertLeftOut(ctx, tx, batch, c.LeftOut)
	})
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, err, "The order could not be prepared, because the database did not take it. Nothing was sent.")
	}
	return batch, nil
}

// prepareItem keeps one device's order with its action.
func (o *Actions) prepareItem(ctx context.Context, tx *sql.Tx, who Operator, batch string, c Cart, item CartItem, pay Payment) error {
	a := Action{ID: rand.Text(), DeviceID: item.DeviceID, Verb: Buy, Actor: who.Name, Before: ordersOfPackage(item.Orders, c.Package.Code), Prepared: o.now()}
	if err := insertPrepared(ctx, tx, a); err != nil {
		return err
	}
	return insertPurchase(ctx, tx, a.ID, Purchase{
		Batch: batch, DeviceID: item.DeviceID, PackageCode: c.Package.Code, PackageName: c.Package.Name, PackageType: c.Package.Type, Periods: c.Periods,
		Open: c.Open && pay.Paid, Paid: pay.Paid, Amount: pay.Amount, TestFlow: c.TestFlow, Reason: c.Reason,
	})
}

// Checkout places the orders that were previewed, for the reason that was previewed, each once at most, whatever is
// posted how often. Each purchase's own action tells what became of it; an error means that none could be sent.
func (o *Actions) Checkout(ctx context.Context, who Operator, batch string) ([]Purchase, error) {
	ctx = context.WithoutCancel(ctx) // a browser that leaves does not cut a batch in half
	list, err := o.Purchases(ctx, who, batch)
	if err != nil {
		return nil, err
	}
	pressed := o.now()
	o.each(batch, topicBatch+batch, len(list), func(i int) {
		p := list[i]
		_, err := o.Do(ctx, who, Form{pressed: pressed, ActionID: p.Action.ID, DeviceID: p.DeviceID, Verb: Buy, Reason: p.Reason, Wants: p.PackageCode, purchase: &p})
		if err != nil {
			o.logger.Warn("order not placed", "device", p.DeviceID, "err", err) // the action's row says why
		}
	})
	o.batchDone()
	return o.Purchases(ctx, who, batch)
}

// StartCheckout is Checkout for whoever does not wait until all is done: the orders that are left after a moment go on without them.
func (o *Actions) StartCheckout(ctx context.Context, who Operator, batch string) error {
	ctx = context.WithoutCancel(ctx)
	list, err := o.Purchases(ctx, who, batch)
	if err != nil {
		return err
	}
	return o.inTime(batch, topicBatch+batch, len(list), func() error {
		_, err := o.Checkout(ctx, who, batch)
		return err
	})
}
