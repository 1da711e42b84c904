"""Incidents meet places: `geocode` finds places, `assign` units; `panel` counts by both."""
