"""Paths within volumes."""

from __future__ import annotations

from kubesim_tui.apiserver.validation.report import Report


def has_backsteps(value: str) -> bool:
    """Whether `..` is a part of it."""
    return ".." in value.split("/")


def no_backsteps(r: Report, value: str, path: str) -> None:
    """No `..` as a part."""
    if has_backsteps(value):
        r.invalid(path, value, "must not contain '..'")


def descending_path(r: Report, value: str, path: str) -> None:
    """Relative, and downwards."""
    if value.startswith("/"):
        r.invalid(path, value, "must be a relative path")
    no_backsteps(r, value, path)


def local_path(r: Report, value: str, path: str) -> None:
    """Relative, downwards, and not beginning with `..` (which the kubelet keeps for itself)."""
    descending_path(r, value, path)
    if value.startswith("..") and not value.startswith("../"):
        r.invalid(path, value, "must not start with '..'")
