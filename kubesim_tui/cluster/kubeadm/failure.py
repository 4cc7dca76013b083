"""How a command of kubeadm fails."""


class Failure(Exception):
    """What kubeadm says on standard error."""
