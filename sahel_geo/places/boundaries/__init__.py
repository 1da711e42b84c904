"""Administrative units.

Administrative units: loading, vintages, history, crosswalks, names and codes, other people's files.
"""
