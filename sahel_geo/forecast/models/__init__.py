"""Models of what comes next: each is fitted to a past and gives a distribution per unit."""
