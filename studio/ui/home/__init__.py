"""The first page: flows, templates, recent runs, and what to do on the first day."""
