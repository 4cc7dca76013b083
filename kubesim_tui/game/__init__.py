"""Levels, objectives, scoring, recordings: all that a front end holds."""
