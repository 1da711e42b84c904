"""Names of places: sources, checks, cache and index."""
