"""The compiled front end: how Reflex is configured, how the pages are built once, and where the built files lie."""
