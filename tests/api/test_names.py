"""What may be a name, a label, a port, an address: upstream's verdicts and messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import names

ENV_VAR = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not "
    "start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is "
    "'[-._a-zA-Z][-._a-zA-Z0-9]*')"
)


@pytest.mark.parametrize(
    "value, strict, relaxed",
    [
        ("PATH", [], []),
        ("my.env-name", [], []),
        ("1ST", [ENV_VAR], []),
        ("A B", [ENV_VAR], []),
        ("..", ["must not be '..'"], []),
        ("", [ENV_VAR], ["environment variable name must be non-empty"]),
        (
            "A=B",
            [ENV_VAR],
            ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
        ),
    ],
)
def test_environment_variables_have_a_strict_and_a_relaxed_rule(value, strict, relaxed):
    assert (strict, relaxed) == (names.is_env_var_name(value), names.is_relaxed_env_var_name(value))


INVALID_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


@pytest.mark.parametrize(
    "value, messages",
    [
        ("10.9.8.7", []),
        ("2001:db8::ffff", []),
        ("10.9.8", [INVALID_IP]),
        ("10.9.8.256", [INVALID_IP]),
        ("fe80::1%eth0", [INVALID_IP]),
        ("010.9.8.7", ["must not have leading 0s"]),
        ("::ffff:1.2.3.4", ["must not be an IPv4-mapped IPv6 address"]),
        ("2001:DB8::1", ['must be in canonical form ("2001:db8::1")']),
        ("2001:db8:0:0:0:0:0:1", ['must be in canonical form ("2001:db8::1")']),
    ],
)
def test_an_ip_address_must_be_canonical(value, messages):
    assert messages == names.is_valid_ip(value)


def test_old_fields_take_any_spelling_of_an_address_and_once_took_leading_zeros():
    assert names.is_valid_legacy_ip("2001:DB8::1") == []
    assert names.is_valid_legacy_ip("010.9.8.7") == ["must not have leading 0s"]
    assert names.is_valid_legacy_ip("010.9.8.7", strict=False) == []


@pytest.mark.parametrize(
    "value, messages",
    [
        ("10.0.0.0/8", []),
        ("10.0.0.0", ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]),
        ("10.0.0.0/33", ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]),
        ("10.0.0.1/8", ["must not have bits set beyond the prefix length"]),
        ("10.0.0.0/08", ["must not have leading 0s in IP or prefix length"]),
        ("2001:DB8::/32", ['must be in canonical form ("2001:db8::/32")']),
    ],
)
def test_a_cidr_range_must_be_canonical(value, messages):
    assert messages == names.is_valid_cidr(value)


@pytest.mark.parametrize(
    "value, messages",
    [("192.168.1.5/24", []), ("::ffff:10.0.0.1/104", ['must be in canonical form ("10.0.0.1/8")'])],
)
def test_an_interface_address_keeps_its_host_part(value, messages):
    assert messages == names.is_valid_interface_address(value)


@pytest.mark.parametrize("value, messages", [("view", []), ("a/b%c", ["may not contain '/'", "may not contain '%'"])])
def test_a_path_segment_has_no_slash(value, messages):
    assert messages == names.is_path_segment_name(value)


def test_a_prefix_of_generated_names_may_end_in_a_dash():
    assert [names.is_dns1123_label(names.mask_trailing_dash(p)) for p in ("web-", "w")] == [[], []]


@pytest.mark.parametrize(
    "value, messages",
    [
        ("acme.io/foo", []),
        ("foo", ['must be a domain-prefixed path (such as "acme.io/foo")']),
        ("", ["Required value"]),
        ("a/b c", ["Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"]),
    ],
)
def test_a_domain_prefixed_path_has_a_domain(value, messages):
    assert messages == names.is_domain_prefixed_path(value)


@given(st.text("ab-.", min_size=1, max_size=70))
def test_every_label_is_a_subdomain_too(value):
    if not names.is_dns1123_label(value):
        assert names.is_dns1123_subdomain(value) == []


@given(st.ip_addresses())
def test_every_address_that_python_writes_is_canonical(address):
    assert getattr(address, "ipv4_mapped", None) is not None or names.is_valid_ip(str(address)) == []
