"""The one door to the one store: etcd, registry, admission, validation, watch, clients."""
