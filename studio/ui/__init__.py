"""The pages and panels."""
