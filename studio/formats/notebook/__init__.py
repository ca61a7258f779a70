"""Jupyter notebooks: their code as one script, with the cell and the line of everything that is said about it."""
