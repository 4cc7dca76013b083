"""node-lifecycle-controller: what the cluster thinks of a node, and what it does about one that is silent."""
