"""deployment-controller: Pods of one template after another, by growing one ReplicaSet and shrinking the others."""
