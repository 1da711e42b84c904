"""Files from a stranger: opened as what their content proves them to be, within bounds.

Everything that reads a person's boundaries, raster, JSON, Parquet or archive goes through this
room. GDAL, left alone, chooses a driver by content, and some drivers read other files or call
hosts; here the content is judged first and one driver is used.
"""
