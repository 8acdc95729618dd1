package ops

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strconv"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// MaxPurchases is how many devices one order may name: the CMP is asked about each before and after.
const MaxPurchases = 50

// purchase is the kind of ordering a package for one device. Its state is how many orders of that package the
// device has: one more than was shown means that the order is there, whoever placed it.
var purchase = &kind{
	settled: audit.OrderSettled,
	fields: func(_ Rule, a Action) []audit.Field {
		p := a.purchase
		if p == nil {
			return []audit.Field{{Key: "package", Value: a.Wants}}
		}
		return []audit.Field{
			{Key: "package", Value: p.PackageCode}, {Key: "periods", Value: strconv.Itoa(p.Periods)}, {Key: "open", Value: strconv.FormatBool(p.Open)}, {Key: "amount", Value: p.Amount}, {Key: "batch", Value: p.Batch},
		}
	},
	subject: func(a Action) string { return "purchase:" + a.DeviceID },
	read: func(ctx context.Context, c Client, a Action) (string, error) {
		found, err := c.OrdersOf(ctx, a.DeviceID)
		return ordersOfPackage(found, a.Wants), err
	},
	wanted: func(_ Rule, a Action) string { return oneMore(a.Before) },
	evident: func(a Action, state string) State {
		if had, err := strconv.Atoi(a.Before); err == nil {
			if has, err := strconv.Atoi(state); err == nil && has > had {
				return EffectPresent
			}
		}
		return Unknown
	},
	busy:    "Another order for this device is waiting for its outcome, so nothing was sent.",
	changed: "The orders of this device have changed since the preview, so nothing was sent. Look at it again.",
}

var purchaseRules = []Rule{{Verb: Buy, Permission: auth.OrdersCreate, Audit: audit.OrderCreate, kind: purchase, send: func(ctx context.Context, c changer, a Action) error {
	results, err := c.OrderPackages(ctx, a.purchase.order())
	if err != nil {
		return err
	}
	a.purchase.OrderID = results[0].OrderID
	return results[0].Err()
}}}

func ordersOfPackage(orders []cmp.Order, code string) string {
	n := 0
	for _, o := range orders {
		if o.PackageCode == code {
			n++
		}
	}
	return strconv.Itoa(n)
}

func oneMore(count string) string {
	n, err := strconv.Atoi(count)
	if err != nil {
		return ""
	}
	return strconv.Itoa(n + 1)
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
	for _, p := range list {
		_, err := o.Do(ctx, who, Form{ActionID: p.Action.ID, DeviceID: p.DeviceID, Verb: Buy, Reason: p.Reason, Wants: p.PackageCode, purchase: &p})
		if err != nil {
			o.logger.Warn("order not placed", "device", p.DeviceID, "err", err) // the action's row says why
		}
		if err := o.keepOrderID(ctx, p); err != nil {
			return nil, err
		}
	}
	return o.Purchases(ctx, who, batch)
}

// keepOrderID stores the id of the order that the CMP made. Should that fail, the order is there all the same and
// is found with its device.
func (o *Actions) keepOrderID(ctx context.Context, p Purchase) error {
	if p.OrderID == "" {
		return nil
	}
	return o.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE purchase SET order_id = ? WHERE action_id = ?`, p.OrderID, p.Action.ID)
		return err
	})
}
