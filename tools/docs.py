"""Write the documents that are made from code: docs/CAUSES.md, docs/FAULTS.md, docs/CONCEPTS.md. (make docs)"""

import pathlib

from kubesim_tui.explain import causes
from kubesim_tui.faults import rows
from kubesim_tui.game import concepts

ROOT = pathlib.Path(__file__).parent.parent

if __name__ == "__main__":
    made = {"CAUSES.md": causes, "FAULTS.md": rows, "CONCEPTS.md": concepts}
    for name, module in made.items():
        (ROOT / "docs" / name).write_text(module.document(), encoding="utf-8")
