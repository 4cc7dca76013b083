"""Stories that a real control plane (Kubernetes 1.20) was recorded in, played against ours."""
