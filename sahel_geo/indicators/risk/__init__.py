"""The risk index of a unit, and one table of all indicators by unit."""
