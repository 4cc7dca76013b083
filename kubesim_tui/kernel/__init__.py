"""The floor that everything stands on: integer time, named chance, exact numbers, a bounded trace."""
