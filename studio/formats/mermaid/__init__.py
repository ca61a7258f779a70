"""A flow as a Mermaid flowchart: for documents that draw text."""
