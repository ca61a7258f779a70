"""Runs: start, follow, answer, stop and recover them."""
