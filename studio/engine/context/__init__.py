"""What of a long conversation a model is shown, and how much."""
