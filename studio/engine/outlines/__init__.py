"""Teams that a model outlines from a description: what it is asked, and what of its answer can be used."""
