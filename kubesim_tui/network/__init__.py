"""kube-proxy, cluster DNS and the ingress controller, each acting on its own cache."""
