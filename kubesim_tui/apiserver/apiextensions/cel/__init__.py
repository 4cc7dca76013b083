"""CEL, the language of x-kubernetes-validations: the part of it that definitions commonly use.

What it does not know does not refuse an object (docs/FIDELITY.md).
"""

from kubesim_tui.apiserver.apiextensions.cel.rules import validate as validate
