"""The panels of the play screen: each a pure function from the state to rows, and a thin widget around it."""
