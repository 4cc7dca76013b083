"""Admission webhooks: members of the cluster that are asked about writes (k8s.io/apiserver plugin/webhook)."""
