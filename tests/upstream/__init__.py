"""Upstream's own test tables, run against the engine.

`folder` reads the tables, `adapters` knows who answers for which topic, `given` and `answers` are what adapters are
made of, and `topics` holds the adapters: each maps the words of one table to one call of the engine and back. An
adapter sees what a case gives, never what it wants.
"""
