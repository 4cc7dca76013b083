"""Names: which text may be a Pod's name, a label, a port, a key of a ConfigMap …

Every ``is_…`` takes a value and returns upstream's messages of what is wrong with it, an empty list when nothing is.
Lengths are counted in bytes, as Go does; most messages still call them characters, only those of label keys say bytes.
Sources: apimachinery pkg/util/validation, pkg/api/validate/content and pkg/api/validation (generic.go).
"""

from __future__ import annotations

import re

from kubesim_tui.api.addresses import is_valid_cidr as is_valid_cidr
from kubesim_tui.api.addresses import is_valid_interface_address as is_valid_interface_address
from kubesim_tui.api.addresses import is_valid_ip as is_valid_ip
from kubesim_tui.api.addresses import is_valid_legacy_ip as is_valid_legacy_ip

DNS1123_LABEL_MAX = 63
DNS1123_SUBDOMAIN_MAX = 253
DNS1035_LABEL_MAX = 63
LABEL_MAX = 63
PORT_NAME_MAX = 15
MAX_ID = 2**31 - 1

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = _LABEL + r"(\." + _LABEL + ")*"
_LABEL_UNDERSCORE = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SUBDOMAIN_UNDERSCORE = _LABEL_UNDERSCORE + r"(\." + _LABEL_UNDERSCORE + ")*"
_WILDCARD = r"\*\." + _SUBDOMAIN
_DNS1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_KEY})?"
_PERCENT = "[0-9]+%"
_HTTP_HEADER = "[-A-Za-z0-9]+"
_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_ENV_VAR = "[-._a-zA-Z][-._a-zA-Z0-9]*"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"

_ENDS = "and must start and end with an alphanumeric character"
_LABEL_TEXT = f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', {_ENDS}"
_SUBDOMAIN_TEXT = (
    f"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', {_ENDS}"
)
_UNDERSCORE_TEXT = _SUBDOMAIN_TEXT.replace("'-' or '.'", "'_', '-' or '.'")
_DNS1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character"
)
_WILDCARD_TEXT = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
)
_KEY_TEXT = f"must consist of alphanumeric characters, '-', '_' or '.', {_ENDS}"
_VALUE_TEXT = f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', {_ENDS}"
_ENV_VAR_TEXT = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', "
    "and must not start with a digit"
)
_RELAXED_ENV_VAR_TEXT = (
    "a valid environment variable name must consist only of printable ASCII characters other than '='"
)
_CONFIG_KEY_TEXT = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
_PERCENT_TEXT = "a valid percent string must be a numeric string followed by an ending '%'"
_HTTP_HEADER_TEXT = "a valid HTTP header must consist of alphanumeric characters or '-'"


def is_dns1123_label(value: str) -> list[str]:
    """The name of a Namespace, Service account's Pod hostname, volume, container: up to 63 of a-z, 0-9 and ``-``."""
    wrong = _too_long(value, DNS1123_LABEL_MAX)
    if not re.fullmatch(_LABEL, value):
        dots_only = re.fullmatch(_SUBDOMAIN, value)
        wrong.append("must not contain dots" if dots_only else regex_error(_LABEL_TEXT, _LABEL, "my-name", "123-abc"))
    return wrong


def is_dns1123_subdomain(value: str) -> list[str]:
    """The name of most objects: labels with dots between them, up to 253."""
    wrong = _too_long(value, DNS1123_SUBDOMAIN_MAX)
    return wrong + _check(value, _SUBDOMAIN, _SUBDOMAIN_TEXT, "example.com")


def is_dns1123_subdomain_with_underscore(value: str) -> list[str]:
    """A subdomain whose labels may contain ``_`` (search paths of a Pod's DNS)."""
    wrong = _too_long(value, DNS1123_SUBDOMAIN_MAX)
    return wrong + _check(value, _SUBDOMAIN_UNDERSCORE, _UNDERSCORE_TEXT, "example.com")


def is_dns1035_label(value: str) -> list[str]:
    """The name of a Service: a label that starts with a letter."""
    wrong = _too_long(value, DNS1035_LABEL_MAX)
    return wrong + _check(value, _DNS1035, _DNS1035_TEXT, "my-name", "abc-123")


def is_wildcard_dns1123_subdomain(value: str) -> list[str]:
    """A host of an Ingress such as ``*.example.com``."""
    wrong = _too_long(value, DNS1123_SUBDOMAIN_MAX)
    return wrong + _check(value, _WILDCARD, _WILDCARD_TEXT, "*.example.com")


def is_fully_qualified_name(value: str) -> list[str]:
    """A domain of at least three parts (the group of a CRD, a certificate's signer)."""
    if not value:
        return ["Required value"]
    wrong = is_dns1123_subdomain(value)
    if wrong:
        return [",".join(wrong)]
    few = value.count(".") < 2
    return ["should be a domain with at least three segments separated by dots"] if few else []


def is_fully_qualified_domain_name(value: str) -> list[str]:
    """A domain of at least two parts, each a label; a dot may follow it."""
    if not value:
        return ["Required value"]
    name = value.removesuffix(".")
    wrong = is_dns1123_subdomain(name)
    if wrong:
        return [",".join(wrong)]
    if "." not in name:
        return ["should be a domain with at least two segments separated by dots"]
    return next(([",".join(wrong)] for part in name.split(".") if (wrong := is_dns1123_label(part))), [])


def is_qualified_name(value: str) -> list[str]:
    """The key of a label or annotation, the name of a resource: ``name`` or ``example.com/name``."""
    prefix, slash, name = value.rpartition("/")
    if "/" in prefix:
        shape = regex_error(_KEY_TEXT, _KEY, "MyName", "my.name", "123-abc")
        return [f"a valid label key {shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    wrong = []
    if slash:
        wrong += [f"prefix part {text}" for text in (_content_subdomain(prefix) if prefix else ["must be non-empty"])]
    if not name:
        wrong.append("name part must be non-empty")
    wrong += [f"name part {text}" for text in _too_long(name, LABEL_MAX, "bytes")]
    return wrong + [f"name part {text}" for text in _check(name, _KEY, _KEY_TEXT, "MyName", "my.name", "123-abc")]


def is_label_value(value: str) -> list[str]:
    """The value of a label; it may be empty."""
    wrong = _too_long(value, LABEL_MAX, "bytes")
    return wrong + _check(value, _VALUE, _VALUE_TEXT, "MyValue", "my_value", "12345")


def is_domain_prefixed_path(value: str) -> list[str]:
    """``example.com/some/path``, as a Job's managedBy."""
    if not value:
        return ["Required value"]
    host, _, path = value.partition("/")
    if not host or not path:
        return ['must be a domain-prefixed path (such as "acme.io/foo")']
    wrong = is_dns1123_subdomain(host)
    return wrong + _check(path, _HTTP_PATH, "Invalid path")


def is_env_var_name(value: str) -> list[str]:
    """The name of an environment variable, by the old strict rule."""
    examples = ("my.env-name", "MY_ENV.NAME", "MyEnvName1")
    return _check(value, _ENV_VAR, _ENV_VAR_TEXT, *examples) + _dots(value)


def is_relaxed_env_var_name(value: str) -> list[str]:
    """The name of an environment variable, by the rule that holds since 1.34: printable ASCII without ``=``."""
    if not value:
        return ["environment variable name must be non-empty"]
    printable = all(" " <= c <= "~" and c != "=" for c in value)
    return [] if printable else [_RELAXED_ENV_VAR_TEXT]


def is_config_map_key(value: str) -> list[str]:
    """A key of a ConfigMap or Secret, that becomes a file's name."""
    wrong = _too_long(value, DNS1123_SUBDOMAIN_MAX)
    return wrong + _check(value, _CONFIG_KEY, _CONFIG_KEY_TEXT, "key.name", "KEY_NAME", "key-name") + _dots(value)


def is_valid_port_name(value: str) -> list[str]:
    """The name of a container's or Service's port (RFC 6335)."""
    wrong = _too_long(value, PORT_NAME_MAX)
    if not re.fullmatch("[-a-z0-9]+", value):
        wrong.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", value):
        wrong.append("must contain at least one letter (a-z)")
    if "--" in value:
        wrong.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        wrong.append("must not begin or end with a hyphen")
    return wrong


def is_valid_port_num(value: int) -> list[str]:
    """A port's number."""
    return is_in_range(value, 1, 65535)


def is_in_range(value: int, low: int, high: int) -> list[str]:
    """A number between two others, both included."""
    return [] if low <= value <= high else [f"must be between {low} and {high}, inclusive"]


def is_valid_user_id(value: int) -> list[str]:
    """A Unix user id."""
    return is_in_range(value, 0, MAX_ID)


def is_valid_group_id(value: int) -> list[str]:
    """A Unix group id."""
    return is_in_range(value, 0, MAX_ID)


def is_valid_percent(value: str) -> list[str]:
    """``25%``."""
    return _check(value, _PERCENT, _PERCENT_TEXT, "1%", "93%")


def is_http_header_name(value: str) -> list[str]:
    """The name of a header of an HTTP probe."""
    return _check(value, _HTTP_HEADER, _HTTP_HEADER_TEXT, "X-Header-Name")


def is_path_segment_name(value: str) -> list[str]:
    """What may stand between two slashes of a URL (names of RBAC objects)."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return is_path_segment_prefix(value)


def is_path_segment_prefix(value: str) -> list[str]:
    """What such a name may begin with."""
    return [f"may not contain '{part}'" for part in ("/", "%") if part in value]


def mask_trailing_dash(prefix: str) -> str:
    """A generateName made fit for a name's check: characters follow it, so a dash at its end is no error.

    As upstream does it, the character before the dash is lost with it.
    """
    return prefix[:-2] + "a" if len(prefix) > 1 and prefix.endswith("-") else prefix


def _too_long(value: str, limit: int, unit: str = "characters") -> list[str]:
    size = len(value) if value.isascii() else len(value.encode("utf-8", "replace"))
    return [f"must be no more than {limit} {unit}"] if size > limit else []


def _check(value: str, pattern: str, text: str, *examples: str) -> list[str]:
    return [] if re.fullmatch(pattern, value) else [regex_error(text, pattern, *examples)]


def regex_error(text: str, pattern: str, *examples: str) -> str:
    """What a value must look like, with examples and the pattern (upstream's odd commas included)."""
    if not examples:
        return f"{text} (regex used for validation is '{pattern}')"
    such = " or ".join(f"'{example}', " for example in examples)
    return f"{text} (e.g. {such}regex used for validation is '{pattern}')"


def _content_subdomain(value: str) -> list[str]:
    wrong = _too_long(value, DNS1123_SUBDOMAIN_MAX, "bytes")
    return wrong + _check(value, _SUBDOMAIN, _SUBDOMAIN_TEXT, "example.com")


def _dots(value: str) -> list[str]:
    """A file's name that would lead out of its folder."""
    if value in (".", ".."):
        return [f"must not be '{value}'"]
    return ["must not start with '..'"] if value.startswith("..") else []
