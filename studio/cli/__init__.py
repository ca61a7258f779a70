"""The command `convene`: the studio itself, and its services without a browser."""

from studio.cli.commands import main

__all__ = ["main"]
