"""The history of the tables, one step a file, and the newest step's name, known without loading Alembic."""

HEAD = "0008"
"""The revision that this version of Convene works with."""
