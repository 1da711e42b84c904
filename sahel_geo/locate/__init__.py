"""Incidents meet places: points to units, units and periods to panels."""
