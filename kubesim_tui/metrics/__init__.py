"""What is measured: usage of nodes and Pods."""
