"""kubectl describe ipaddress and servicecidr."""

from __future__ import annotations

from kubesim_tui.kubectl.describe.writer import Data, Writer, at, date, meta


def describe(w: Writer, o: Data) -> None:
    """One IPAddress."""
    w(0, f"Name:\t{meta(o).get('name', '')}")
    w.about(o)
    ref = at(o, "spec", "parentRef")
    if ref is not None:
        w(0, "Parent Reference:")
        for title in ("Group", "Resource", "Namespace", "Name"):
            w(1, f"{title}:\t{ref.get(title.lower()) or ''}")
    w.events(o)


def describe_cidr(w: Writer, o: Data) -> None:
    """One ServiceCIDR."""
    w(0, f"Name:\t{meta(o).get('name', '')}")
    w.about(o)
    w(0, f"CIDRs:\t{', '.join(at(o, 'spec', 'cidrs') or ())}")
    if found := at(o, "status", "conditions"):
        w(0, "Status:")
        w(0, "Conditions:")
        w(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage")
        w(1, "----\t------\t------------------\t------\t-------")
        for c in found:
            cells = (c.get("type"), c.get("status"), date(c.get("lastTransitionTime")), c.get("reason"))
            w(1, "\t".join(str(cell or "") for cell in (*cells, c.get("message"))))
    w.events(o)
