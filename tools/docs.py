"""Write the documents that are made from code: docs/CAUSES.md, docs/FAULTS.md. (make docs)"""

import pathlib

from kubesim_tui.explain import causes
from kubesim_tui.faults import rows

ROOT = pathlib.Path(__file__).parent.parent

if __name__ == "__main__":
    for name, text in (("CAUSES.md", causes.document()), ("FAULTS.md", rows.document())):
        (ROOT / "docs" / name).write_text(text, encoding="utf-8")
