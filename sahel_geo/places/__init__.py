"""Boundaries, borders, zones, and the context that a map draws around them."""
