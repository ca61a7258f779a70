"""Where Reflex looks for its configuration; the configuration itself is in studio/frontend/config.py."""

from studio.frontend.config import config as config
