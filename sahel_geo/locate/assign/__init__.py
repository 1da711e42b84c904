"""Points find their units: `assign`, `unit_index` and `displace` are for others."""
