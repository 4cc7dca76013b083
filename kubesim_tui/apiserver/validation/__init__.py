"""Validation: strict decoding by the schema, then upstream's rules a kind, all causes with their paths."""
