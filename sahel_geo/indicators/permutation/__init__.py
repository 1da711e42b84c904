"""What chance alone would give: deals inside countries, strata of time, false discoveries."""
