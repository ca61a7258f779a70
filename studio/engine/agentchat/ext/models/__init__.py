"""Model clients, by provider."""
