"""The modes of kube-proxy: how the kernel is told of Services, and what can be seen of that (upstream: pkg/proxy).

- iptables draws an endpoint at random for each connection, writes a part of its rules for all Services with every sync,
  and has no rule for what is sent to another port of a Service's address: that leaves the cluster and gets lost.
- nftables draws, too, changes only what has changed, and rejects what is sent to another port.
- ipvs takes the endpoints in turn (its scheduler is rr), and the node itself has the address: other ports are refused.
- `even` is not kube-proxy's: in turn as ipvs does it, all over the cluster, so that the figures of levels are clear.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen
class Mode:
    """See the module. `rules_a_second`: so many are written at every sync; 0: only what has changed."""

    draws: bool
    refuses: bool = True
    rules_a_second: int = 0

    def lag(self, rules: int) -> int:
        """How many seconds later than it could a change is in the kernel where there are so many rules."""
        return rules // self.rules_a_second if self.rules_a_second else 0


EVEN = "even"
MODES: Mapping[str, Mode] = {
    EVEN: Mode(draws=False),
    "iptables": Mode(draws=True, refuses=False, rules_a_second=10_000),
    "ipvs": Mode(draws=False),
    "nftables": Mode(draws=True),
}
"""By the name that KubeProxyConfiguration gives them."""
