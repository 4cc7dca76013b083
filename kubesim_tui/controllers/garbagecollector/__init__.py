"""garbage-collector-controller: what becomes of objects whose owners go."""
