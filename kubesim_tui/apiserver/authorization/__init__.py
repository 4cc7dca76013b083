"""Who may do what: RBAC from the Roles and bindings in etcd."""

from __future__ import annotations

from kubesim_tui.apiserver.authorization.rbac import Rbac

__all__ = ["Rbac"]
