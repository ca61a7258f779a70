"""What a person keeps: flows and their versions, model accounts, templates and preferences."""
