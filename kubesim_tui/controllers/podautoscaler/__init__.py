"""horizontal-pod-autoscaler-controller: read the metrics, decide a number of replicas, write it to the scale."""
