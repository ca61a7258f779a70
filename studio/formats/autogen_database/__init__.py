"""AutoGen Studio's own database: its teams as flows, its sessions and runs as history."""
