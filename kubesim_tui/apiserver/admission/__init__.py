"""Admission: plugins that may change an object on its way in, and plugins that may refuse it; one file each."""
