"""Who is named: the table of actors, how sources write their names, and what kind of event it is."""
