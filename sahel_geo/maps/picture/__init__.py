"""A map as PNG or SVG, drawn without a browser."""
