"""Raw rows become rows of the schema: places, dates, tolls, and what is wrong with which."""
