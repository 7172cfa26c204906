"""One file a step. What a step once did never changes: a later step changes it."""
