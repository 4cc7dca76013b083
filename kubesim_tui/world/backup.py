"""A backup as a stream of text: all that lies in a directory of a volume, with its records and its journal."""

from __future__ import annotations

import json

from attrs import asdict

from kubesim_tui.world.disk import Volume
from kubesim_tui.world.records import Records
from kubesim_tui.world.replication.journal import Journal

INFO, SOURCE = "xtrabackup_binlog_info", "xtrabackup_slave_info"


def write(volume: Volume, directory: str) -> str:
    """The stream. Where the database got its data from itself, it says so, for who goes on from the copy."""
    below = directory + "/" if directory else ""
    files = {path[len(below) :]: text for path, text in sorted(volume.files.items()) if path.startswith(below)}
    files = {path: text for path, text in files.items() if not path.startswith(("xtrabackup_", "change_master_to"))}
    records = {store: list(kept.runs()) for (at, store), kept in sorted(volume.records.items()) if at == directory}
    journal = volume.journals.get(directory, Journal())
    files[INFO] = f"binlog.000001\t{journal.index}\n"
    if journal.source:
        files[SOURCE] = f"CHANGE MASTER TO MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS={journal.index};\n"
    return json.dumps({"files": files, "records": records, "journal": asdict(journal)})


def unpack(text: str, volume: Volume, directory: str, record_bytes: int = 512) -> bool:
    """Put what a stream holds into a directory. False if it is no stream. Raises NoSpace."""
    try:
        found = json.loads(text)
    except ValueError:
        return False
    if not isinstance(found, dict) or not {"files", "records", "journal"} <= set(found):
        return False
    for path, content in found["files"].items():
        place = f"{directory}/{path}" if directory else path
        if content is None:
            volume.make_directory(place)
        else:
            volume.write(place, content)
    for store, runs in found["records"].items():
        copy = Records()
        for first, last, tick in runs:
            copy.add(first, last, tick)
        volume.replace_records(directory, store, copy, record_bytes)
    volume.journals[directory] = Journal(
        **{**found["journal"], "primary": None, "source": "", "identity": "", "members": ""}
    )
    return True
