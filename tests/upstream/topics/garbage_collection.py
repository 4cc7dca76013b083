"""The garbage collector: what becomes of an object when its owners go."""

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode, encode
from kubesim_tui.controllers.garbagecollector.decide import decide, state_of, unblocked, without_owners
from tests.upstream.adapters import answers
from tests.upstream.answers import Within


def _owner(row):
    """The owner as the collector finds it."""
    state, uid = row["state"], row["uid"]
    if state == "missing":
        return None
    return types.ObjectMeta(
        name=row["name"],
        uid="another" if state == "other_uid" else uid,
        deletion_timestamp=1 if state in ("waiting", "terminating") else None,
        finalizers=("foregroundDeletion",) if state == "waiting" else (),
    )


@answers("garbage_collection", "attempt_delete")
def attempt_delete(given):
    item = given.part("item")
    meta = types.ObjectMeta(
        name=item["name"],
        deletion_timestamp=1 if item.get("deletionTimestamp") else None,
        finalizers=tuple(item.get("finalizers", ())),
    )
    owners = [
        (types.OwnerReference(name=o["name"], uid=o["uid"]), state_of(_owner(o), o["uid"]))
        for o in given.rows("owners")
    ]
    action = decide(meta, owners, item.get("dependents", 0), item.get("blocking_dependents", 0))
    return {"action": action.do.value, "propagationPolicy": action.policy, "keep": [r.uid for r in action.keep]}


def _references(given):
    return [decode(types.OwnerReference, r) for r in given["ownerReferences"]]


def _told(references):
    return {"ownerReferences": [Within(encode(r)) for r in references]}


@answers("garbage_collection", "delete_ref")
def delete_ref(given):
    return _told(without_owners(_references(given), given["remove_uids"]))


@answers("garbage_collection", "unblock")
def unblock(given):
    return _told(unblocked(_references(given)))
