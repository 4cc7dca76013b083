"""The volumes of a Pod or a template, and the sources of PersistentVolumes (each is data: `volume_sources`)."""

from __future__ import annotations

from kubesim_tui.kubectl.describe import volume_sources
from kubesim_tui.kubectl.describe.writer import NONE, Data, Writer, lower, shorten


def describe(w: Writer, volumes: list[Data], space: str) -> None:
    """All volumes."""
    if not volumes:
        w(0, f"{space}Volumes:\t{NONE}")
        return
    w(0, f"{space}Volumes:")
    for volume in volumes:
        w(1, f"{' ' if space else ''}{volume.get('name', '')}:")
        source(w, volume)


def source(w: Writer, volume: Data, *, persistent: bool = False) -> None:
    """What a volume of a Pod, or a PersistentVolume, is made of."""
    for key in volume_sources.SOURCES:
        if key in volume:
            found = volume[key] or {}
            for text in volume_sources.rows(key, found, persistent):
                w(2, text)
            _more(w, key, found)
            return
    w(1, "<unknown>")


def _more(w: Writer, key: str, found: Data) -> None:
    if key == "projected":
        _projected(w, found)
    elif key == "downwardAPI":
        w(2, "Items:")
        for item in found.get("items") or ():
            ref = item.get("fieldRef") or {}
            what = ref.get("fieldPath") or (item.get("resourceFieldRef") or {}).get("resource", "")
            w(3, f"{what} -> {item.get('path', '')}")
    elif key == "csi":
        attributes = sorted((found.get("volumeAttributes") or {}).items())
        texts = [f"    {shorten(f'{k}={v}', 140)}" for k, v in attributes] or [NONE]
        for i, text in enumerate(texts):
            w(2, f"VolumeAttributes:\t{text}" if not i else f"    \t{text}")
    elif key == "ephemeral" and found.get("volumeClaimTemplate"):
        from kubesim_tui.kubectl.describe.persistentvolumeclaim import template

        template(w, found["volumeClaimTemplate"])


def _projected(w: Writer, found: Data) -> None:
    for part in found.get("sources") or ():
        if "secret" in part:
            w(2, f"SecretName:\t{part['secret'].get('name', '')}")
            w(2, f"Optional:\t{lower(part['secret'].get('optional'))}")
        elif "downwardAPI" in part:
            w(2, "DownwardAPI:\ttrue")
        elif "configMap" in part:
            w(2, f"ConfigMapName:\t{part['configMap'].get('name', '')}")
            w(2, f"Optional:\t{lower(part['configMap'].get('optional'))}")
        elif "serviceAccountToken" in part:
            w(2, f"TokenExpirationSeconds:\t{part['serviceAccountToken'].get('expirationSeconds', 3600)}")
