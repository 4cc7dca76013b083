"""cluster-autoscaler: machines for Pods that find no room, and none for those that are not needed."""
