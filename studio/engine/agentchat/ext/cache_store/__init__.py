"""Where answers of models are kept."""
