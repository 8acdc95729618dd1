package cmp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The calls of the API document, by their paths. The id of a card stands in two of them as {sim_id}.
const (
	CallDevice     = "device/queryDevice"
	CallDevices    = "device/queryBatchDevice"
	CallOrders     = "package/queryOrder"
	CallOpen       = "package/openPackage"
	CallCancel     = "package/cancelPackage"
	CallEnd        = "package/aheadFinishDeviceOrder"
	CallPause      = "device/pauseService"
	CallRestart    = "device/restartService"
	CallPackages   = "package/syncPackages"
	CallBuy        = "package/batchOrderPackages"
	CallSendSMS    = "sms/sendSms"
	CallMTStatus   = "sms/queryMTSmsStatus"
	CallSMSRecords = "sms/querySmsCDR"
	CallLive       = "sms/queryLatestCDR"
	CallBind       = "device/bind"
	CallBindings   = "device/getBindTrackList"
	CallCDRs       = "sims/{sim_id}/cdr"
	CallCDRsByAPN  = "sims/{sim_id}/cdr/apn"
)

// needed are the calls without which there is no console; the others an installation may lack.
var needed = []string{CallDevice, CallDevices, CallOrders}

var optional = []string{
	CallOpen, CallCancel, CallEnd, CallPause, CallRestart, CallPackages, CallBuy, CallSendSMS, CallMTStatus, CallSMSRecords, CallLive,
	CallBind, CallBindings, CallCDRs, CallCDRsByAPN,
}

// directory is where an installation of the CMP has its calls, when it differs from the document.
type directory struct {
	paths   map[string]string
	missing map[string]bool
}

var validPath = regexp.MustCompile(`^[A-Za-z0-9_{}-]+(/[A-Za-z0-9_{}-]+)*$`)

func newDirectory(paths map[string]string, missing []string) (directory, error) {
	a := directory{paths: paths, missing: map[string]bool{}}
	for call, path := range paths {
		switch {
		case !slices.Contains(needed, call) && !slices.Contains(optional, call):
			return a, fmt.Errorf("CMP_PATHS: %q is no call of the API; the calls are %s", call, strings.Join(append(needed, optional...), ", "))
		case !validPath.MatchString(path) || strings.Contains(call, "{sim_id}") != strings.Contains(path, "{sim_id}"):
			return a, fmt.Errorf("CMP_PATHS: %q is no path for %s; write what stands behind /cmp-api/, with {sim_id} where the call has it", path, call)
		}
	}
	for _, call := range missing {
		if !slices.Contains(optional, call) {
			return a, fmt.Errorf("CMP_MISSING: %q is no call that may be missing; those are %s", call, strings.Join(optional, ", "))
		}
		if _, ok := paths[call]; ok {
			return a, fmt.Errorf("CMP_MISSING: %s has a path in CMP_PATHS, so it is not missing", call)
		}
		a.missing[call] = true
	}
	return a, nil
}

// callOf is the call that an operation is one of: an operation holds the id of its card.
func callOf(op string) (call, sim string) {
	rest, ok := strings.CutPrefix(op, "sims/")
	if !ok {
		return op, ""
	}
	sim, rest, _ = strings.Cut(rest, "/")
	return "sims/{sim_id}/" + rest, sim
}

// lacks tells whether the installation does not have the call that the operation is one of.
func (a directory) lacks(op string) bool {
	call, _ := callOf(op)
	return a.missing[call]
}

// path is where the installation has an operation, behind /cmp-api/.
func (a directory) path(op string) string {
	call, sim := callOf(op)
	path, ok := a.paths[call]
	if !ok {
		return op
	}
	return strings.ReplaceAll(path, "{sim_id}", sim)
}

// Has tells whether the installation has a call. One that it lacks fails with Missing, and nothing is sent.
func (c *Client) Has(call string) bool { return !c.directory.missing[call] }

// Calls lists every call of the document.
func Calls() []string { return slices.Concat(needed, optional) }
