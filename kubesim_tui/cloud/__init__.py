"""cloud-controller-manager: balancers and addresses from the cloud account."""
