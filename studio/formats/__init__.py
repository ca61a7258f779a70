"""Foreign formats, one folder each, with a door in and a door out."""
