"""AutoGen's own kind of scripts run with other imports, and print what AutoGen 0.7.5 printed."""

from __future__ import annotations

import pytest
from agentchat_scripts import HERE, SCRIPTS, printed, source_of, with_our_imports


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_of_autogen_prints_the_same_when_only_its_imports_change(name: str) -> None:
    ours = printed(with_our_imports(source_of(name)))
    assert ours == (HERE / "golden" / f"{name}.txt").read_text(encoding="utf-8")


def test_nothing_but_imports_is_changed() -> None:
    for name in SCRIPTS:
        source = source_of(name)
        changed = [
            (before, after)
            for before, after in zip(source.split("\n"), with_our_imports(source).split("\n"), strict=True)
            if before != after
        ]
        assert changed
        assert all(before.lstrip().startswith(("from ", "import ")) for before, _ in changed)
