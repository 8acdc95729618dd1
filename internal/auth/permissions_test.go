package auth

import (
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/fault"
)

// The columns are support, manager, auditor, admin.
var wantMatrix = map[Permission]string{
	Public:        "yes yes yes yes",
	SignedIn:      "yes yes yes yes",
	DevicesRead:   "yes yes yes yes",
	DevicesNote:   "yes yes no no",
	DevicesExport: "yes yes yes no",
	DevicesAll:    "no yes yes no",
	NotesEdit:     "yes yes no yes",
	NotesEditAll:  "no no no yes",
	ViewsShare:    "yes yes no yes",
	ViewsEditAll:  "no no no yes",
	OrdersRead:    "yes yes yes yes",
	OrdersOpen:    "yes no no no",
	OrdersPause:   "yes no no no",
	OrdersRestart: "yes no no no",
	OrdersCancel:  "yes no no no",
	OrdersEnd:     "yes no no no",
	OrdersCreate:  "no yes no no",
	IMEIBind:      "yes no no no",
	SMSRead:       "yes yes yes yes",
	SMSSend:       "yes no no no",
	SMSReveal:     "yes no yes no",
	PushesRead:    "yes yes yes yes",
	PushesReplay:  "yes no no yes",
	AuditOwn:      "yes yes yes yes",
	AuditRead:     "no no yes yes",
	AuditRedact:   "no no no yes",
	UsersManage:   "no no no yes",
	SystemManage:  "no no no yes",
	SyncManage:    "no yes no yes",
	DoubtsSettle:  "no no no yes",
	"":            "no no no no",
	"made:up":     "no no no no",
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	for p, want := range wantMatrix {
		var got []string
		for _, r := range []Role{Support, Manager, Auditor, Admin} {
			answer := "no"
			if (Identity{UserID: 1, Roles: []Role{r}}).Can(p) {
				answer = "yes"
			}
			got = append(got, answer)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %v, want %s", p, got, want)
		}
	}
	for p := range granted {
		if _, ok := wantMatrix[p]; !ok {
			t.Errorf("permission %q is granted, but this test does not know it", p)
		}
	}
}

func TestRightsOfSeveralRolesAddUp(t *testing.T) {
	t.Parallel()
	both := Identity{UserID: 1, Roles: []Role{Support, Auditor}}
	if !both.Can(OrdersEnd) || !both.Can(AuditRead) || both.Can(UsersManage) {
		t.Error("support and auditor together must have the rights of both and no others")
	}
}

func TestNobodyAndUnknownRolesCanNothing(t *testing.T) {
	t.Parallel()
	nobody, odd := Identity{}, Identity{UserID: 1, Roles: []Role{"root"}}
	if !nobody.Can(Public) || nobody.Can(SignedIn) {
		t.Error("nobody may see public pages only")
	}
	if !odd.Can(SignedIn) {
		t.Error("a user of an unknown role is signed in all the same")
	}
	for p := range granted {
		if nobody.Can(p) || odd.Can(p) {
			t.Errorf("%s is allowed to nobody or to an unknown role", p)
		}
	}
}

func TestParseRoles(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]Role{
		"support":                     {Support},
		"support,manager":             {Support, Manager},
		" Admin , support,,support ":  {Support, Admin},
		"admin,auditor,manager,admin": {Manager, Auditor, Admin},
	} {
		got, err := ParseRoles(list)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("ParseRoles(%q) = %v, %v, want %v", list, got, err, want)
		}
	}
	for list, named := range map[string]string{"": "at least one", " , ": "at least one", "support,boss": `"boss"`, "support manager": `"support manager"`} {
		_, err := ParseRoles(list)
		wantKind(t, err, fault.Invalid)
		if err == nil || !strings.Contains(err.Error(), named) || !strings.Contains(err.Error(), "support, manager, auditor, admin") {
			t.Errorf("ParseRoles(%q): %v must say %s and list the choices", list, err, named)
		}
	}
}

func TestRoleNames(t *testing.T) {
	t.Parallel()
	id := Identity{Roles: []Role{Support, Manager}}
	if got := id.RoleNames(); got != "support,manager" {
		t.Errorf("got %q", got)
	}
	for _, r := range Roles() {
		if r.Title() == "" || r.Title() == string(r) {
			t.Errorf("%s has no title", r)
		}
	}
}
