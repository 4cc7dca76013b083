"""What API servers say of their health."""

import pytest

from kubesim_tui.kubectl.health import answer


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
def test_a_server_that_is_well_says_ok(path):
    assert answer(path, "", well=True) == (True, "ok")


def test_all_checks_are_told_to_who_asks_for_them():
    well, text = answer("/readyz", "verbose", well=True)
    lines = text.splitlines()
    assert (well, lines[:5], lines[-2:]) == (
        True,
        ["[+]ping ok", "[+]log ok", "[+]etcd ok", "[+]etcd-readiness ok", "[+]informer-sync ok"],
        ["[+]shutdown ok", "readyz check passed"],
    )


def test_without_etcd_all_is_told_to_anybody():
    well, text = answer("/livez", "", well=False)
    assert (well, text.splitlines()[2], text.splitlines()[-1]) == (
        False,
        "[-]etcd failed: reason withheld",
        "livez check failed",
    )


def test_a_check_may_be_left_out():
    well, text = answer("/livez", "verbose&exclude=etcd&exclude=meteor", well=False)
    lines = text.splitlines()
    assert (well, lines[2]) == (True, "[+]etcd excluded: ok")
    assert lines[-2] == 'warn: some health checks cannot be excluded: no matches for "meteor"'
