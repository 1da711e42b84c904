"""Dates: one text, a column of them, and columns of years, months and days."""
