"""What exists without Kubernetes: machines, links, processes, disks, registries, images, a small shell."""
