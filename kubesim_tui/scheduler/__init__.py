"""kube-scheduler: a queue of Pods, plugins that filter and score nodes, and the binding of each Pod to the best."""
