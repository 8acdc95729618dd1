package main

import (
	"testing"
)

func TestSmoke(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	v := in.signIn(t, "support")
	t.Log(v.get(t, "/").text())
}
