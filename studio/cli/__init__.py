"""The command `convene`: the studio itself, and its services without a browser."""

__all__ = ["main"]


def main() -> None:
    """The entry point of the program."""
    try:
        from studio.cli.commands import main as told
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # as the command line ends itself when it is stopped later
    told()
