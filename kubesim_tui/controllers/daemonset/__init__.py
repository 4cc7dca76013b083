"""daemonset-controller: one Pod of a kind on every node that it fits."""
