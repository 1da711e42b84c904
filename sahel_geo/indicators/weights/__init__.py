"""Who is whose neighbour, and what lies around a unit."""
