"""React components wrapped for Reflex; they know nothing of the studio."""
