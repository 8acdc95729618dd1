package auth

import (
	"fmt"
	"slices"
	"strings"

	"cmpconsole/internal/fault"
)

// Role is a set of permissions; a user may hold several.
type Role string

// The roles.
const (
	Support Role = "support"
	Manager Role = "manager"
	Auditor Role = "auditor"
	Admin   Role = "admin"
)

var titles = map[Role]string{Support: "Support", Manager: "Account manager", Auditor: "Auditor", Admin: "Admin"}

// Roles returns all roles in the order in which pages list them.
func Roles() []Role { return []Role{Support, Manager, Auditor, Admin} }

// Title returns the role's name for people.
func (r Role) Title() string {
	if title, ok := titles[r]; ok {
		return title
	}
	return string(r)
}

// ParseRoles reads a list such as "support,manager". It refuses an empty list and names what is no role.
func ParseRoles(list string) ([]Role, error) {
	var roles []Role
	for part := range strings.SplitSeq(list, ",") {
		if name := strings.ToLower(strings.TrimSpace(part)); name != "" {
			roles = append(roles, Role(name))
		}
	}
	return checkRoles(roles)
}

// checkRoles returns the roles in their usual order, each once.
func checkRoles(roles []Role) ([]Role, error) {
	all := Roles()
	for _, r := range roles {
		if !slices.Contains(all, r) {
			return nil, fault.New(fault.Invalid, fmt.Sprintf("There is no role %q. Choose from %s.", string(r), joinRoles(all, ", ")))
		}
	}
	all = slices.DeleteFunc(all, func(r Role) bool { return !slices.Contains(roles, r) })
	if len(all) == 0 {
		return nil, fault.New(fault.Invalid, "Give at least one role: "+joinRoles(Roles(), ", ")+".")
	}
	return all, nil
}

// storedRoles reads the column. A name that this version does not know stays, and gives nothing.
func storedRoles(list string) []Role {
	var roles []Role
	for name := range strings.SplitSeq(list, ",") {
		roles = append(roles, Role(name))
	}
	return roles
}

func joinRoles(roles []Role, separator string) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, separator)
}
