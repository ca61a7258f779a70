"""Where code runs: this machine, Docker, Jupyter."""
