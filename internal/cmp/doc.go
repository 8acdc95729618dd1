// Package cmp is the typed client of the CMP API. A file holds a resource; every call goes through one chain:
// rate and connection limit, signature, one request, and a judgement of the answer as a whole. Reads may be
// repeated by whoever asked; a change is sent at most once, and its error says what is certain about it.
package cmp
