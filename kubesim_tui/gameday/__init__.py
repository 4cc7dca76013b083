"""A game day: one's own manifests, users at their doors, and every fault once, before any real cluster sees them."""
