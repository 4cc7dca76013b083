"""kube-scheduler: which node suits a Pod best, and why not the others."""
