package ops

import (
	"math/big"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// payType is what the API asks for besides; the console takes no money, so that it names one of the document's
// three (1, "WeChat") as the document's own sample does.
const payType = "1"

// Payment is what an order says of money. It follows from the catalogue alone: nothing of it is taken from a form.
type Payment struct {
	Paid   bool   // post-paid packages count as paid, for they are invoiced; prepaid ones are to be paid first
	Amount string // yuan with two decimals, for one device
}

// PaymentOf derives the payment for a package and a number of periods.
func PaymentOf(p cmp.Package, periods int) (Payment, error) {
	if p.BuyType != "1" {
		return Payment{Paid: true, Amount: "0.00"}, nil
	}
	price, ok := new(big.Rat).SetString(p.Price)
	if !ok || price.Sign() < 0 {
		return Payment{}, fault.New(fault.Conflict, "This package is prepaid and the catalogue states no price, so it cannot be ordered here.")
	}
	return Payment{Amount: price.Mul(price, big.NewRat(int64(periods), 1)).FloatString(2)}, nil
}

// Times is the amount for so many devices.
func (p Payment) Times(devices int) string {
	amount, ok := new(big.Rat).SetString(p.Amount)
	if !ok {
		return ""
	}
	return amount.Mul(amount, big.NewRat(int64(devices), 1)).FloatString(2)
}
