"""A raster of values: files, pictures and sums by unit."""
