"""What became of a file compared with what the index says: a list of complaints, empty if they agree.

accept → accepted. custom-*, reject-removed-api, reject-not-api-object, client-only → no matches for kind.
reject-no-gvk, template → refused. reject-schema, -unknown-field, -semantic → refused, and `error.fields` has the path.
"""

import re

from tests.manifests.corpus import objects

UNKNOWN = ("custom-crd-in-source", "custom-no-crd", "reject-removed-api", "reject-not-api-object", "client-only")
REFUSED = ("reject-no-gvk", "template")
LOCATED = ("reject-schema", "reject-unknown-field", "reject-semantic")


def complaints(row, outcomes, known=frozenset()):
    """How the outcomes of a file's documents differ from its row of the index; `known` ones are passed over."""
    expected = objects(row)
    if not expected:
        accepted = [o["document"] for o in outcomes if o["accepted"]]
        return [f"{n}: accepted, though there is no object in it" for n in accepted if (row["file"], n) not in known]
    if len(expected) != len(outcomes):
        return [f"{len(outcomes)} documents instead of {len(expected)}"]
    found = []
    for number, (doc, outcome) in enumerate(zip(expected, outcomes, strict=True)):
        said = _complaint(doc, outcome)
        if said and (row["file"], number) not in known:
            found.append(f"{number} ({doc['verdict']}): {said}")
    return found


def _complaint(doc, outcome):
    error = outcome.get("error") or {"message": "", "fields": []}
    if doc["verdict"] == "accept":
        return f"refused: {error['message']}" if error["message"] else ""
    if outcome["accepted"]:
        return "accepted"
    if doc["verdict"] in UNKNOWN:
        return "" if "no matches for kind" in error["message"] else error["message"]
    if doc["verdict"] in LOCATED:
        missing = [said for said in doc["errors"] if not _named(said, error["fields"])]
        return f"{missing} not in {error['fields']}: {error['message']}" if missing else ""
    assert doc["verdict"] in REFUSED, doc["verdict"]
    return ""


def _named(said, fields):
    """Whether a line of the index is told of: `spec.ports.0.port: 'x' is not of type …`."""
    place, _, why = said.partition(": ")
    place = re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", place.strip())
    if extra := re.search(r"not allowed \((.*) w(?:as|ere) unexpected\)", why):
        names = re.findall(r"'([^']+)'", extra[1])
        return all(_below(place, name) in fields for name in names)
    if "is a required property" in why:
        return any(field.startswith(_below(place, "")) for field in fields)
    return place in fields


def _below(place, name):
    return f"{place}.{name}" if place else name
