"""The catalogue of what can break, and the injectors that break causes."""
