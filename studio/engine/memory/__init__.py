"""What agents remember beyond a conversation, and look up before they speak."""
