"""Kernel density and relative risk: a smooth surface from points, in kilometres."""
