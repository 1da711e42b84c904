"""Names of places: sources, checks, cache and spellings."""
