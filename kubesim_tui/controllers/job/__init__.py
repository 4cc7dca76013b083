"""job-controller: Pods that are to end, so many of them, so many at a time."""
