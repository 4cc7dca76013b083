"""Profiles of seccomp and AppArmor: as fields, as the old annotations, and both together."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.api import fielderror
from kubesim_tui.apiserver.validation.paths import descending_path
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part, text
from kubesim_tui.apiserver.validation.walk import every_container

PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
LOCAL = "localhost/"
PATH_MAX = 4095


@frozen
class Words:
    """How the annotations of one kind of profile say what the fields say."""

    kind: str
    runtime_default: tuple[str, ...]
    unconfined: str = "unconfined"


SECCOMP = Words("seccomp", ("runtime/default", "docker/default"))
ARMOR = Words("apparmor", ("runtime/default",))


def seccomp(r: Report, profile: JsonMap | None, path: str) -> None:
    """A seccomp profile, if there is one."""
    if profile is None:
        return
    kind, local = text(profile, "type"), profile.get("localhostProfile")
    if not kind:
        r.required(f"{path}.type", "type is required when seccompProfile is set")
    elif kind not in PROFILES:
        r.not_supported(f"{path}.type", kind, PROFILES)
    if kind == "Localhost":
        if local is None:
            r.required(f"{path}.localhostProfile", "must be set when seccomp type is Localhost")
        else:
            descending_path(r, local, f"{path}.localhostProfile")
    elif local is not None:
        r.invalid(f"{path}.localhostProfile", profile, "can only be set when seccomp type is Localhost")


def app_armor(r: Report, profile: JsonMap | None, path: str) -> None:
    """An AppArmor profile, if there is one."""
    if profile is None:
        return
    kind, local = text(profile, "type"), profile.get("localhostProfile")
    if not kind:
        r.required(f"{path}.type", "type is required when appArmorProfile is set")
    elif kind not in PROFILES:
        r.not_supported(f"{path}.type", kind, PROFILES)
    elif kind == "Localhost":
        _local_armor(r, local, f"{path}.localhostProfile")
    elif local is not None:
        r.invalid(f"{path}.localhostProfile", local, "can only be set when AppArmor type is Localhost")


def _local_armor(r: Report, local: str | None, path: str) -> None:
    if not local:
        r.required(path, "must be set when AppArmor type is Localhost")
        return
    if local.strip() != local:
        r.invalid(path, local, "must not be padded with whitespace")
    if len(local.encode()) > PATH_MAX:
        r.too_long(path, PATH_MAX)


def annotated(r: Report, given: JsonMap, spec: JsonMap, path: str) -> None:
    """The old annotations; upstream gives those of seccomp a path of their own form."""
    known = {text(one, "name") for _, one in every_container(spec, "")}
    for key in sorted(given):
        value = given[key] or ""
        if key == SECCOMP_POD or key.startswith(SECCOMP_CONTAINER):
            _seccomp_word(r, value, f"{path}.{key}")
        elif key.startswith(APP_ARMOR):
            name = key.removeprefix(APP_ARMOR)
            if name not in known:
                r.invalid(f"{path}[{key}]", name, "container not found")
            if value not in ("", *ARMOR.runtime_default, ARMOR.unconfined) and not value.startswith(LOCAL):
                r.invalid(f"{path}[{key}]", value, f"invalid AppArmor profile name: {fielderror.quoted(value)}")


def _seccomp_word(r: Report, value: str, path: str) -> None:
    if value.startswith(LOCAL):
        descending_path(r, value.removeprefix(LOCAL), path)
    elif value not in (*SECCOMP.runtime_default, SECCOMP.unconfined):
        r.invalid(path, value, "must be a valid seccomp profile")


def agreement(r: Report, given: JsonMap, spec: JsonMap, path: str) -> None:
    """Where a new Pod has both the annotation and the field, they say the same."""
    own = part(spec, "securityContext")
    _agree(r, SECCOMP, given.get(SECCOMP_POD), own.get("seccompProfile"), f"{path}.securityContext.seccompProfile")
    windows = text(part(spec, "os"), "name") == "windows"
    for at, one in every_container(spec, path):
        name, context = text(one, "name"), part(one, "securityContext")
        word = given.get(SECCOMP_CONTAINER + name)
        _agree(r, SECCOMP, word, context.get("seccompProfile"), f"{at}.securityContext.seccompProfile")
        if not windows:
            profile = context.get("appArmorProfile") or own.get("appArmorProfile")
            _agree(r, ARMOR, given.get(APP_ARMOR + name), profile, f"{at}.securityContext.appArmorProfile")


def _agree(r: Report, words: Words, word: str | None, profile: JsonMap | None, path: str) -> None:
    if word is None or profile is None:
        return
    kind = text(profile, "type")
    fits = {
        "Unconfined": word == words.unconfined,
        "RuntimeDefault": word in words.runtime_default,
        "Localhost": word.startswith(LOCAL),
    }
    if not fits.get(kind, True):
        r.forbidden(f"{path}.type", f"{words.kind} type in annotation and field must match")
    elif kind == "Localhost" and word.removeprefix(LOCAL) != profile.get("localhostProfile"):
        r.forbidden(f"{path}.localhostProfile", f"{words.kind} profile in annotation and field must match")
