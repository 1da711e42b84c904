"""Incidents become counts by unit and period: `count`, and `reading` for counts made by others."""
