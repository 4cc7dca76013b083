"""kubeadm as it is run on a machine of the control plane: its certificates, tokens and upgrades."""
