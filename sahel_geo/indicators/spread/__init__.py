"""Violence from unit to unit: exposure across a border, diffusion, contagion, connectedness."""
