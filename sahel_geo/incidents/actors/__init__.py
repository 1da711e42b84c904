"""Who is named: the table of actors, how sources write names, and which kind an event is."""
