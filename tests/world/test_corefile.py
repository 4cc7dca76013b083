"""Corefiles: read as Caddy reads them, refused in CoreDNS' words. Sums and texts are those of coredns/caddy v1.1.4."""

from pathlib import Path

import pytest
import yaml

from kubesim_tui.world.corefile import Cache, Forward, Kubernetes, Rewrite
from kubesim_tui.world.corefile_parse import CorefileError
from kubesim_tui.world.corefile_read import read
from kubesim_tui.world.name_program import listens

PATH = "/etc/coredns/Corefile"
ADDON = Path(__file__).parents[2] / "assets" / "addons" / "coredns.yaml"
USUAL = next(d["data"]["Corefile"] for d in yaml.safe_load_all(ADDON.read_text()) if d["kind"] == "ConfigMap")


def of(text, env=None, **files):
    return read(PATH, text, env or {}, {f"/etc/coredns/{name}": said for name, said in files.items()})


def server(inside):
    (found,) = of(f". {{\n{inside}\n}}\n").servers
    return found


@pytest.mark.parametrize(
    ("text", "checksum"),
    [
        (USUAL, "1b226df79860026c"),
        ('. {\n log . "a<b>&c"\n}\n', "cb7a69026a85d2d3"),
        ("a.org, \nb.org {\n log\n}\n", "52195d6c081c8847"),
        (".:53\nerrors\nforward . 8.8.8.8\n", "403ce1bf9843d6ce"),
        ("(s) {\n errors\n log\n}\n. {\n import s\n whoami\n}\n", "0f2c85a5da38a231"),
        ('. {\n hosts {\n 1.2.3.4 "a b" # c\n }\n}\n', "06ad94890917412a"),
        (". {\n kubernetes cluster.local {\n  ttl 5\n}\n", "88e5169e7cc48f14"),
        ("", "04f8ff2682604862"),
    ],
)
def test_words_and_blocks_are_those_of_caddy(text, checksum):
    assert of(text).checksum[:16] == checksum


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (USUAL.replace("errors\n", "errrors\n"), f"{PATH}:2 - Error during parsing: Unknown directive 'errrors'"),
        (USUAL.rstrip().rstrip("}"), f"{PATH}:22 - Syntax error: Unexpected token 'loadbalance', expecting '}}'"),
        (
            "a.org, {\n}\n",
            f"{PATH}:1 - Error during parsing: Expected another address but had '{{' - check for extra comma",
        ),
        (". { errors }\n", f"{PATH}:1 - Error during parsing: Unexpected '}}' because no matching opening brace"),
        (". {\n import nope\n}\n", f"{PATH}:2 - Error during parsing: File to import not found: nope"),
        (
            ". {\n import a b\n}\n",
            f"{PATH}:2 - Error during parsing: Import takes only one argument (glob pattern or file)",
        ),
        ("(s) {\n import s\n}\n. {\n import s\n}\n", "maximum snippet import depth (10000) exceeded"),
        (". {\n whoami\n}\n.:53 {\n whoami\n}\n", "cannot serve dns://.:53 - it is already defined"),
        (".: {\n whoami\n}\n", 'expecting data after last colon: ".:"'),
        (".:99999 {\n whoami\n}\n", "listen tcp: address 99999: invalid port"),
        (". {\n cache -5\n}\n", "plugin/cache: cache TTL can not be zero or negative: -5"),
        (". {\n cache 0\n}\n", "plugin/cache: cache TTL can not be zero or negative: 0"),
        (". {\n cache\n cache\n}\n", "plugin/cache: this plugin can only be used once per Server Block"),
        (". {\n cache {\n  often\n }\n}\n", f"plugin/cache: {PATH}:3 - Error during parsing: Wrong argument count"),
        (". {\n reload 1s\n}\n", "plugin/reload: interval value must be greater or equal to 2s"),
        (". {\n reload soon\n}\n", 'plugin/reload: time: invalid duration "soon"'),
        (". {\n forward .\n}\n", f"plugin/forward: {PATH}:2 - Error during parsing: Wrong argument count"),
        (". {\n forward . dns.example.com\n}\n", 'plugin/forward: not an IP address or file: "dns.example.com"'),
        (
            ". {\n kubernetes x {\n  tll 5\n }\n}\n",
            f"plugin/kubernetes: {PATH}:3 - Error during parsing: unknown property",
        ),
        (". {\n kubernetes x {\n  ttl 4000\n }\n}\n", "ttl must be in range [0, 3600]: 4000"),
        (". {\n kubernetes x {\n  pods yes\n }\n}\n", "wrong value for pods: yes,  must be one of: disabled, verified"),
        (". {\n kubernetes in-addr.arpa\n}\n", "plugin/kubernetes: non-reverse zone name must be used"),
    ],
)
def test_what_coredns_does_not_take_is_told_in_its_words(text, said):
    with pytest.raises(CorefileError) as wrong:
        of(text)
    assert said in str(wrong.value)


def test_the_corefile_of_kubeadm_means_this():
    (usual,) = of(USUAL).servers
    assert (usual.kubernetes, usual.forwards, usual.cache) == (
        Kubernetes(("cluster.local", "in-addr.arpa", "ip6.arpa"), 30, "insecure", ("in-addr.arpa", "ip6.arpa")),
        (Forward("", ("/etc/resolv.conf",)),),
        Cache(("",), 30, 30, not_success=("cluster.local",), not_denial=("cluster.local",)),
    )
    assert of(USUAL).ports == (("health", "8080"), ("ready", "8181"), ("prometheus", "9153"))


def test_the_longest_zone_that_fits_serves_a_name():
    found = of(". {\n whoami\n}\nexample.org {\n whoami\n}\na.example.org:5353 {\n whoami\n}\n")
    zones = [found.server(name).zone for name in ("b.a.example.org", "example.org", "example.com")]
    assert (zones, found.server("a.example.org", "5353").zone) == (["example.org", "example.org", ""], "a.example.org")


@pytest.mark.parametrize("key", [".:abc", "[::1]:53", "a.org:53errors", ".:53 --5:8", ".:\u0663"])
def test_whatever_is_written_for_a_port_is_taken_as_a_name_or_refused(key):
    try:
        ports = listens(of(f"{key} {{\n cache --5\n hosts {{\n  nonsense web\n }}\n}}\n"))
    except CorefileError:
        return
    assert all(0 <= listen.port <= 65_535 for listen in ports)


def test_a_line_of_hosts_that_begins_with_no_address_is_passed_over():
    assert server("hosts {\n nonsense web\n 1.2.3.4 api\n}").hosts.names == {"api": "1.2.3.4"}


def test_parts_may_lie_in_files_beside_it_and_in_variables():
    found = of(".:{$PORT} {\n import *.part\n}\n", {"PORT": "5353"}, **{"a.part": "cache 7", "b.part": "whoami"})
    (only,) = found.servers
    assert (only.port, only.cache.success, sorted(only.plugins)) == ("5353", 7, ["cache", "whoami"])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("rewrite name old.org new.org", Rewrite("exact", "old.org", "new.org")),
        ("rewrite continue name suffix .org. .com.", Rewrite("suffix", ".org", ".com", stop=False)),
        ("rewrite stop {\n name prefix a- b-\n answer auto\n}", Rewrite("prefix", "a-", "b-")),
    ],
)
def test_rules_that_rewrite_names(rule, expected):
    assert server(rule).rewrites == (expected,)


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("exact", "ab", "xy"),
        ("exact", "abc", None),
        ("prefix", "abc", "xyc"),
        ("suffix", "cab", "cxy"),
        ("substring", "cabd", "cxyd"),
    ],
)
def test_what_a_rule_makes_of_a_name(kind, name, expected):
    assert Rewrite(kind, "ab", "xy").apply(name) == expected
