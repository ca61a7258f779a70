"""What the tests of what guests reach share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from served_flows import Served, served

from studio.flow.document import FlowDocument
from studio.library.shares import Terms


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serves a drawing on a port until the end of the test: `serve(pair(), Terms(...))`."""
    with ExitStack() as open_doors:

        def begin(document: FlowDocument, terms: Terms | None = None, hosts: tuple[str, ...] = ()) -> Served:
            return open_doors.enter_context(served(tmp_path / "data", document, terms, hosts))

        yield begin
