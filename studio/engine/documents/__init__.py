"""Documents that agents look things up in: kept by what is in them, read as text, cut into passages, and searched."""
