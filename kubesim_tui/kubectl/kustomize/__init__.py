"""kustomize: manifests out of a folder with a kustomization, as `kubectl kustomize` and `-k` build them.

    build("overlays/dev", files)        # → (objects in kustomize's order, warnings); KustomizeError if it cannot be

Pure but for the files, which the caller reads. What is known: docs/kubectl.md; what is not: docs/FIDELITY.md.
"""

from __future__ import annotations

import posixpath

from kubesim_tui.kubectl.kustomize.folder import Files as Files
from kubesim_tui.kubectl.kustomize.folder import Folder
from kubesim_tui.kubectl.kustomize.model import Data
from kubesim_tui.kubectl.kustomize.model import KustomizeError as KustomizeError
from kubesim_tui.kubectl.kustomize.target import build as _build


def build(path: str, files: Files, *, anywhere: bool = False) -> tuple[list[Data], list[str]]:
    """(the objects that the folder's kustomization makes, warnings). KustomizeError names file and field.

    `anywhere`: files may lie outside the folder that names them.
    """
    warnings: list[str] = []
    return _build(Folder(files, posixpath.normpath(path), anywhere=anywhere), warnings), warnings
