"""Custom resources: kinds that a CustomResourceDefinition adds to one cluster (k8s.io/apiextensions-apiserver)."""
