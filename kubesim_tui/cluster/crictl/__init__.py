"""crictl: what a machine's container runtime has and does, told on the machine itself, without any API server."""
