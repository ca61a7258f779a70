"""What an installation is told from outside, read once at start: flags first, then the environment, then defaults."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """`database` is a SQLAlchemy URL; `docker_image` the image that code runs in unless a flow names its own.

    `hosts` are the names, beside loopback, under which a browser may reach the studio.
    """

    data_dir: Path
    database: str
    host: str = "127.0.0.1"
    port: int = 8000
    docker_image: str = "python:3.12-slim"
    hosts: tuple[str, ...] = ()

    @property
    def work_dir(self) -> Path:
        """Where runs keep their files, one folder a run."""
        return self.data_dir / "work"


def read_settings(
    data_dir: Path | None = None,
    database: str | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    hosts: tuple[str, ...] = (),
) -> Settings:
    """Settings from flags and from CONVENE_DATA, CONVENE_DATABASE and CONVENE_DOCKER_IMAGE. Creates nothing."""
    if data_dir is None:
        if named := os.environ.get("CONVENE_DATA"):
            data_dir = Path(named)
        else:
            from platformdirs import user_data_path

            data_dir = user_data_path("convene", appauthor=False)
    data_dir = data_dir.expanduser().absolute()
    return Settings(
        data_dir=data_dir,
        database=database or os.environ.get("CONVENE_DATABASE") or f"sqlite:///{data_dir / 'convene.db'}",
        host=host,
        port=port,
        docker_image=os.environ.get("CONVENE_DOCKER_IMAGE") or "python:3.12-slim",
        hosts=hosts,
    )
