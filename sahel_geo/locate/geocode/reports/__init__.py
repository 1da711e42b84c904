"""Places in the sentences of a report: what is named, and what is the scene."""
