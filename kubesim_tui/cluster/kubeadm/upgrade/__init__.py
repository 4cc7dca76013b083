"""kubeadm upgrade: another release of Kubernetes for a control plane, machine by machine, and for its workers."""
