"""Old manifests are told where their kinds are served today."""

import pytest

from kubesim_tui.api import removed


@pytest.mark.parametrize(
    ("api_version", "kind", "said"),
    [
        (
            "networking.k8s.io/v1beta1",
            "Ingress",
            "Ingress is not served as networking.k8s.io/v1beta1 since Kubernetes 1.22: use "
            "apiVersion: networking.k8s.io/v1",
        ),
        (
            "policy/v1beta1",
            "PodSecurityPolicy",
            "PodSecurityPolicy is not served as policy/v1beta1 since Kubernetes 1.25: there is nothing in its place",
        ),
        ("v1", "Deployment", "Deployment is served as apps/v1"),
        ("example.com/v1", "Event", "Event is served as v1 and events.k8s.io/v1"),
        ("example.com/v1", "Widget", ""),
    ],
)
def test_what_to_write_instead(api_version, kind, said):
    assert removed.hint(api_version, kind) == said
