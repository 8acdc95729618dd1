// Package auth knows who may sign in, what each role may do, and which request belongs to whom.
package auth

import "slices"

// Permission is a right that a route or an action asks for.
type Permission string

// The permissions. Public needs no sign-in; SignedIn needs one and nothing else.
const (
	Public        Permission = "public"
	SignedIn      Permission = "signed-in"
	DevicesRead   Permission = "devices:read"
	DevicesNote   Permission = "devices:note"
	DevicesExport Permission = "devices:export"
	DevicesAll    Permission = "devices:export-all"
	NotesEdit     Permission = "notes:edit"
	NotesEditAll  Permission = "notes:edit-all"
	ViewsShare    Permission = "views:share"
	ViewsEditAll  Permission = "views:edit-all"
	OrdersRead    Permission = "orders:read"
	OrdersOpen    Permission = "orders:open"
	OrdersPause   Permission = "orders:pause"
	OrdersRestart Permission = "orders:restart"
	OrdersCancel  Permission = "orders:cancel"
	OrdersEnd     Permission = "orders:end"
	OrdersCreate  Permission = "orders:create"
	IMEIBind      Permission = "imei:bind"
	SMSRead       Permission = "sms:read"
	SMSSend       Permission = "sms:send"
	SMSReveal     Permission = "sms:reveal"
	PushesRead    Permission = "pushes:read"
	PushesReplay  Permission = "pushes:replay"
	AuditOwn      Permission = "audit:own"
	AuditRead     Permission = "audit:read"
	AuditRedact   Permission = "audit:redact"
	UsersManage   Permission = "users:manage"
	SystemManage  Permission = "system:manage"
	SyncManage    Permission = "sync:manage"
	DoubtsSettle  Permission = "doubts:settle"
)

// granted is the whole rule of who may do what. What stands here for no role is denied to all.
var granted = map[Permission][]Role{
	DevicesRead:   {Support, Manager, Auditor, Admin},
	DevicesNote:   {Support, Manager},
	DevicesExport: {Support, Manager, Auditor},
	DevicesAll:    {Manager, Auditor},
	NotesEdit:     {Support, Manager, Admin},
	NotesEditAll:  {Admin},
	ViewsShare:    {Support, Manager, Admin},
	ViewsEditAll:  {Admin},
	OrdersRead:    {Support, Manager, Auditor, Admin},
	OrdersOpen:    {Support},
	OrdersPause:   {Support},
	OrdersRestart: {Support},
	OrdersCancel:  {Support},
	OrdersEnd:     {Support},
	OrdersCreate:  {Manager},
	IMEIBind:      {Support},
	SMSRead:       {Support, Manager, Auditor, Admin},
	SMSSend:       {Support},
	SMSReveal:     {Support, Auditor},
	PushesRead:    {Support, Manager, Auditor, Admin},
	PushesReplay:  {Support, Admin},
	AuditOwn:      {Support, Manager, Auditor, Admin},
	AuditRead:     {Auditor, Admin},
	AuditRedact:   {Admin},
	UsersManage:   {Admin},
	SystemManage:  {Admin},
	SyncManage:    {Manager, Admin},
	DoubtsSettle:  {Admin},
}

// Can tells whether the role alone gives the permission.
func (r Role) Can(p Permission) bool { return slices.Contains(granted[p], r) }
