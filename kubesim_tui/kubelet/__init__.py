"""The agent of a node: takes Pod specs from the API server, runs them, reports back."""
