"""Why: chains of causes, one file a symptom."""
