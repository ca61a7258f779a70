"""How many hostile files the suite brings in: ten thousand, shared among what they are made from."""

HOSTILE = 10_000
SCRIPTS = 5_400
COMPONENTS = HOSTILE - SCRIPTS


def each(total: int, of: int) -> int:
    """How many files are made from each of some samples, so that all together are `total` or a few more."""
    return -(-total // of)
