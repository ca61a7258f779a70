"""The services of a process: what opening them sets up."""

from __future__ import annotations

import asyncio
import io
import logging
from pathlib import Path

from studio.api.services import open_services
from studio.settings import read_settings

KEY = "sk-canary-0123456789"


def test_a_key_that_is_known_never_reaches_a_log(tmp_path: Path) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger("studio").addHandler(handler)
    try:
        opened = open_services(read_settings(tmp_path))
        opened.accounts.save("secret", base_url="http://127.0.0.1:9/v1", key=KEY)
        logging.getLogger("studio.test").warning("the header was %s", f"Bearer {KEY}")
        try:
            raise ValueError(f"refused {KEY}")
        except ValueError:
            logging.getLogger("studio.test").exception("it broke")
        asyncio.run(opened.close())
    finally:
        logging.getLogger("studio").removeHandler(handler)
    assert "the header was" in written.getvalue()
    assert KEY not in written.getvalue()
