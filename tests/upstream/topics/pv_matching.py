"""Which volume a claim gets."""

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.helpers import pv_match
from tests.upstream.adapters import answers


def _volumes(given):
    return [decode_object(types.PersistentVolume, {"metadata": {}, **v}) for v in given["pvs"]]


@answers("pv_matching")
def matching(given):
    claim = decode_object(types.PersistentVolumeClaim, {"metadata": {}, **given["claim"]})
    chosen = pv_match.find_matching_volume(claim, _volumes(given))
    return {"volume": chosen.metadata.uid if chosen is not None else NONE}


@answers("pv_matching", "list_by_modes")
def list_by_modes(given):
    found = pv_match.by_access_modes(_volumes(given), given["modes"])
    return {"first_volumes": _Beginning(v.metadata.uid for v in found)}


class _Beginning(list):
    """Volumes of which the table names the first."""

    def __eq__(self, wanted):
        return list(self)[: len(wanted)] == wanted

    __hash__ = None


class _None(str):
    """No volume: the table says null or a word."""

    def __eq__(self, wanted):
        return wanted in (None, "none")

    __hash__ = str.__hash__


NONE = _None()
