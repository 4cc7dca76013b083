"""Faults of who is believed: certificates that are over, clocks that go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.faults.applications import backend
from kubesim_tui.faults.fault import Act, Fault, Options, Story
from kubesim_tui.faults.hand import Hand
from kubesim_tui.faults.options import whole

BEHIND = -3600
KUBELET, SERVER, WEBHOOK = "kubelet", "kube-apiserver", "webhook"


def _certificate(whose: str, *, good: bool) -> Act:
    def act(hand: Hand, target: Any, options: Options) -> bool:
        return hand.certificate(whose, str(target), good=good, seconds=whole(options.get("seconds", 0)))

    return act


def _webhook(*, good: bool) -> Act:
    def act(hand: Hand, target: Any, options: Options) -> bool:
        service = backend(hand, target)
        left = whole(options.get("seconds", 0))
        return service is not None and hand.certificate(WEBHOOK, "/".join(service[1:]), good=good, seconds=left)

    return act


IDENTITIES: Mapping[str, Fault] = {
    "kubelet-cert-expired": Fault(
        "node",
        _certificate(KUBELET, good=False),
        _certificate(KUBELET, good=True),
        "the client certificate of a kubelet expires (with: seconds that it is still good)",
        {"seconds": whole},
        story=Story(
            "The API server answers the kubelet 401 Unauthorized: no lease is renewed, no Pod is heard of. Containers "
            "run on, and this kubelet restarts and probes them. After 50 s the Node is NotReady.",
            "NotReady though machine, network and kubelet are well; copies elsewhere 300 s later.",
            "kubectl describe node; kubectl get csr; ssh NODE journalctl -u kubelet",
            "rotateCertificates, with whoever approves them; an alert on dates of certificates.",
            ("certificate-expired", "single-replica"),
        ),
    ),
    "apiserver-cert-expired": Fault(
        "apiserver",
        _certificate(SERVER, good=False),
        _certificate(SERVER, good=True),
        "the serving certificate of the API servers expires (with: seconds that it is still good)",
        {"seconds": whole},
        story=Story(
            "Nobody believes the API server any more: neither kubectl nor kubelets, controllers or kube-proxies. All "
            "stand still with what they know, and running Pods serve on.",
            "Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or is "
            "not yet valid. Nothing is replaced, no Node becomes NotReady, rules grow old.",
            "kubectl get nodes; kubeadm certs check-expiration",
            "kubeadm certs renew (an upgrade does it) long before; an alert on dates of certificates.",
            ("certificate-expired",),
        ),
    ),
    "webhook-cert-expired": Fault(
        "webhook",
        _webhook(good=False),
        _webhook(good=True),
        "the serving certificate of an admission webhook expires (with: seconds that it is still good)",
        {"seconds": whole},
        story=Story(
            "The API server does not believe the webhook. With failurePolicy Fail every request that it wants to see "
            "is refused; with Ignore it is let in unseen.",
            "failed calling webhook …: tls: failed to verify certificate: x509: …; of Pods: FailedCreate, and nothing "
            "that dies is replaced.",
            "kubectl get events; kubectl get certificates,secrets",
            "cert-manager, which renews certificates by itself; failurePolicy Ignore where a check can be missed.",
            ("certificate-expired", "single-replica"),
        ),
    ),
    "ingress-cert-expired": Fault(
        "certificate",
        lambda h, secret, o: h.date_certificate(secret, whole(o.get("seconds", 0))),
        lambda h, secret, _: h.restore_object(secret),
        "the certificate of an Ingress's host expires (with: seconds that it is still good)",
        {"seconds": whole},
        story=Story(
            "Nobody has renewed the certificate in a Secret of type kubernetes.io/tls. The ingress controller goes on "
            "showing it; clients break off before they have asked anything. Those who come by http are sent to https, "
            "and fail there.",
            "certificate error: x509: certificate has expired or is not yet valid, for every user of the host at once; "
            "Pods, Services and Ingress are well.",
            "curl https://HOST/; kubectl get ingress,secrets; kubectl describe ingress NAME",
            "cert-manager, which renews certificates long before their end; an alert on their dates.",
            ("certificate-expired",),
        ),
    ),
    "clock-skew": Fault(
        "node",
        lambda h, n, o: h.set_clock(n, whole(o.get("seconds", BEHIND))),
        lambda h, n, _: h.set_clock(n, 0),
        "the clock of a machine goes wrong (with: seconds, below 0 for behind)",
        {"seconds": whole},
        story=Story(
            "Certificates are judged by the own clock: set back behind their beginning they are not yet valid, set "
            "ahead of their end they have expired. A clock that is set back a little makes a kubelet's renewals look "
            "older than the last one until they have caught up. On a machine of the control plane it is the API "
            "server that believes nobody.",
            "NotReady though all is well; x509: certificate has expired or is not yet valid; 401 Unauthorized.",
            "date on the machine; kubectl get leases -n kube-node-lease; kubectl describe node",
            "chrony or another time service everywhere; an alert when a clock drifts.",
            ("clock-skew", "kubelet-stopped", "single-replica"),
        ),
    ),
}
"""Name → row."""
