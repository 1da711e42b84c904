"""Incidents per area and per person, and the comparison of two periods."""
