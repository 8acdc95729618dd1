package webhook

import (
	"net/http"
	"slices"
	"strings"
)

// mostHeaders is how much is kept of the headers of a callback, in bytes.
const mostHeaders = 16 << 10

// letIn are headers whose values let somebody in somewhere. They tell nothing of an event.
var letIn = []string{"Authorization", "Proxy-Authorization", "Cookie"}

// kept are the headers as they are kept: without what lets somebody in, also where something in front of the console has written down the
// address, and not more than there is room for.
func (i *Inbox) kept(headers http.Header) http.Header {
	list, size := http.Header{}, 0
	for name, values := range headers {
		for _, value := range values {
			if size += len(name) + len(value); size > mostHeaders {
				continue
			}
			if slices.Contains(letIn, name) {
				value = "[not kept]"
			}
			for _, token := range i.Tokens {
				value = strings.ReplaceAll(value, token, "[token]")
			}
			list[name] = append(list[name], value)
		}
	}
	return list
}
