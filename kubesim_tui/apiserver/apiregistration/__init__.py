"""APIServices: which group versions there are, and who answers for them (kube-aggregator)."""
