"""What a column means: its field, profiles of publishers, dates, numbers, countries."""
