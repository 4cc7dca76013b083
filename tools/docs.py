"""Write the documents that are made from code: docs/CAUSES.md. (make docs)"""

import pathlib

from kubesim_tui.explain.causes import document

ROOT = pathlib.Path(__file__).parent.parent

if __name__ == "__main__":
    (ROOT / "docs" / "CAUSES.md").write_text(document(), encoding="utf-8")
