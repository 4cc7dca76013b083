"""The real words of kubectl, true to its output."""
