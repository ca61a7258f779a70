"""Flows that are open to others: as a REST service, to chat clients, as a tool of the Model Context Protocol, and as a chat page."""
