"""Everything that is reached over HTTP and WebSocket beside the pages."""
