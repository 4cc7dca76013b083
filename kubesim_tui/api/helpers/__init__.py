"""What two components must both know about objects: one small module for each such thing."""
