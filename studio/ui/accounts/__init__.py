"""Model accounts: where models are and whose key is used."""
