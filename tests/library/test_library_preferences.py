"""Preferences: what was set is there after a restart, what was not has its default."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.library.preferences import Preferences
from studio.store.database import open_database


def test_a_preference_lasts_and_an_unset_one_has_its_default(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'convene.db'}"
    database = open_database(url)
    Preferences(database).set("theme", {"name": "dark", "size": 3})
    Preferences(database).set("theme", {"name": "light"})
    database.close()
    database = open_database(url)
    preferences = Preferences(database)
    assert preferences.get("theme") == {"name": "light"}
    assert preferences.get("other") is None
    assert preferences.get("other", 7) == 7
    with pytest.raises(TypeError):
        preferences.set("theme", object())
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE setting SET value = 'broken'")
    assert preferences.get("theme", "system") == "system"
    database.close()
