package cmp

import "regexp"

var (
	deviceID = regexp.MustCompile(`^[0-9A-Za-z]{10,32}$`)
	orderID  = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
)

// ValidID tells whether a text can be a device id: 10 to 32 letters or digits, and opaque beyond that.
func ValidID(id string) bool { return deviceID.MatchString(id) }

// ValidOrderID tells whether a text can be an order id. The forms seen are ORDER_ and digits, L and digits, and digits alone.
func ValidOrderID(id string) bool { return orderID.MatchString(id) }
