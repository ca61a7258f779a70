"""The editor: bar, canvas, inspector, conversation, and the drawer below them."""
