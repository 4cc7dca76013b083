"""Admission policies: rules in CEL that stand in the cluster itself (k8s.io/apiserver plugin/policy)."""
