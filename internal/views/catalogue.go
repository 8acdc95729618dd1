package views

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/singleflight"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
)

// catalogueLife is how long the catalogue is shown before it is read again. Its age stands on the page.
const catalogueLife = 5 * time.Minute

// listing is the catalogue, the countries that it names, and when the CMP was asked for it.
type listing struct {
	packages  []cmp.Package
	countries []string
	at        time.Time
}

// catalogue keeps the listing that was read last, for nothing changes in it by what the console does.
type catalogue struct {
	last  atomic.Pointer[listing]
	first singleflight.Group
}

// countries are those of the catalogue as it was read last. While it never was, it is read for the next page: this one does
// not wait.
func (k *catalogue) countries(ctx context.Context, up upstream, now func() time.Time) []string {
	if l := k.last.Load(); l != nil {
		return l.countries
	}
	k.first.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), catalogueLife)
		defer cancel()
		return k.renew(ctx, up, now())
	})
	return nil
}

// read returns a listing that is fresh enough.
func (k *catalogue) read(ctx context.Context, up upstream, now time.Time) (listing, error) {
	if l := k.last.Load(); l != nil && now.Sub(l.at) < catalogueLife {
		return *l, nil
	}
	return k.renew(ctx, up, now)
}

// renew reads the catalogue; when that fails, the last listing stays with its age. Those who do so at the same time
// share the CMP's answers, and nobody waits for another one's failure.
func (k *catalogue) renew(ctx context.Context, up upstream, now time.Time) (listing, error) {
	packages, err := up.AllPackages(ctx)
	if err != nil {
		return listing{}, err
	}
	l := listing{packages, countriesOf(packages), now}
	k.last.Store(&l)
	return l, nil
}

// countriesOf are the countries that packages name, sorted.
func countriesOf(packages []cmp.Package) (names []string) {
	for _, p := range packages {
		names = append(names, countryNames(p)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// refreshPackages reads the catalogue anew, whatever its age, and goes back to the list.
func (s *Server) refreshPackages(c *gin.Context) (response, error) {
	_, err := s.catalogue.renew(c.Request.Context(), s.CMP, s.Now())
	e := operator(c).Entry(audit.PackageRefresh, audit.Event)
	e.Outcome = audit.OK
	if err != nil {
		e.Outcome = audit.Failed
	}
	_ = s.record(c, e) // reading goes on without it
	if err != nil {
		return nil, err
	}
	return seeOther(packageQueryOf(c).at("/packages")), nil
}
