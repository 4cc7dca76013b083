"""Patches that kubectl computes: what has changed between two states, and the three-way merge of `apply`."""
