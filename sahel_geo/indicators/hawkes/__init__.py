"""Self-exciting processes: which incidents are followed by others, at home and abroad."""
