package views

import (
	"net/netip"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/fault"
)

var errPeer = fault.New(fault.Forbidden, "This console answers its proxy only. Use the address that the proxy gives.")

// onlyProxies refuses whoever comes past the trusted proxies. Without TLS of our own, what they would send and get
// could be read on the way.
func onlyProxies(s *Server, networks []netip.Prefix) gin.HandlerFunc {
	return func(c *gin.Context) {
		peer, err := netip.ParseAddr(c.RemoteIP())
		if err == nil && peer.IsLoopback() {
			return
		}
		for _, n := range networks {
			if err == nil && n.Contains(peer.Unmap()) {
				return
			}
		}
		s.fail(c, errPeer)
	}
}

// networksOf reads addresses and networks, as the setting has them.
func networksOf(list []string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, text := range list {
		if ip, err := netip.ParseAddr(text); err == nil {
			networks = append(networks, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		n, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, err
		}
		networks = append(networks, n)
	}
	return networks, nil
}
