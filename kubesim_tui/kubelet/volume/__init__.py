"""Volumes of Pods: what is in them, and having them mounted."""
