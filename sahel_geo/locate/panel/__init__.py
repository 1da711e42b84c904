"""Incidents become counts by unit and period: `count` and `tally` are for others."""
