"""replicaset-controller and replicationcontroller-controller: so many Pods of one template, no more, no fewer."""
