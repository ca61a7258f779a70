"""The services of a process: what opening them sets up."""

from __future__ import annotations

import asyncio
import io
import logging
import stat
from pathlib import Path

from studio.api.services import make_data_directory, open_services
from studio.settings import Settings, read_settings

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


def test_folders_of_runs_are_their_owners_alone_also_in_a_directory_that_others_may_enter(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    settings = Settings(data_dir=shared, database="sqlite://")
    for _ in range(2):
        make_data_directory(settings)
        assert stat.S_IMODE(settings.work_dir.stat().st_mode) == 0o700
        settings.work_dir.chmod(0o755)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755
