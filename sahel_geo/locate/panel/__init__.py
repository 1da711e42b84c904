"""Incidents become counts by unit and period: `count` is for others, and `reading` for counts that others made."""
