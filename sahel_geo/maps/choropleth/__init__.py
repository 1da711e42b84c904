"""One table of units to one interactive map."""
