"""A flow as the JSON of its document, with the version of its schema."""
