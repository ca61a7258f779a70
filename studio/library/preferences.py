"""Preferences of the installation: small JSON values by key."""

from __future__ import annotations

import json
from typing import Any

from studio.store.database import Database
from studio.store.tables import SettingRow


class Preferences:
    """Reads and keeps preferences; what is not there, or cannot be read, has its default."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, default: Any = None) -> Any:
        with self._database.reading() as session:
            row = session.get(SettingRow, key)
        if row is None:
            return default
        try:
            return json.loads(row.value)
        except ValueError:
            return default

    def set(self, key: str, value: Any) -> None:
        """`value` is anything that JSON can hold. Raises TypeError for anything else."""
        written = json.dumps(value, ensure_ascii=False)
        with self._database.writing() as session:
            session.merge(SettingRow(key=key, value=written))
