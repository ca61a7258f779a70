"""Programs of random flows, for a type checker: `python tests/formats/random_programs.py FOLDER [COUNT] [SEED]` writes them."""

from __future__ import annotations

import sys
from pathlib import Path

from drawn_flows import flows
from hypothesis import HealthCheck, Phase, given, seed, settings

from studio.flow.document import FlowDocument
from studio.formats.convene_python.file import to_file


def write(folder: Path, count: int, chance: int) -> None:
    """One file a flow, the same for the same count and seed."""
    folder.mkdir(parents=True, exist_ok=True)

    @seed(chance)
    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(flows())
    def each(flow: FlowDocument) -> None:
        (folder / f"flow_{len(list(folder.iterdir()))}.py").write_text(to_file(flow), "utf-8")

    each()


if __name__ == "__main__":
    write(Path(sys.argv[1]), int((sys.argv[2:3] or ["100"])[0]), int((sys.argv[3:4] or ["1"])[0]))
