"""The wiring: who runs where, the order of one tick, and a frozen picture of it."""
