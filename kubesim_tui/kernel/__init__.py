"""The floor that all stands on: integer time, named chance, exact numbers, regular expressions, a bounded trace."""
