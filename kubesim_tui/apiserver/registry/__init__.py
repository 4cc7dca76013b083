"""How each kind is created, changed and deleted: the generic way, and a strategy where a kind has its own."""
