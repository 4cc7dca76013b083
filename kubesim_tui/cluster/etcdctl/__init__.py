"""What etcd's members of the control plane answer to etcdctl and etcdutl, which run inside their Pods."""
