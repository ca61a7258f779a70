"""Finding code in messages and running it safely."""
