"""Models: what they are asked, how they are reached, what they cost."""
