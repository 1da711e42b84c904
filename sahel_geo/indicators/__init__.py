"""Measures of intensity and spillover, one module each."""
