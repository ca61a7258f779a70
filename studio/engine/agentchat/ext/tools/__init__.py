"""Tools: programs and services of the Model Context Protocol, HTTP, code."""
