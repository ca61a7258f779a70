"""The smoke test that goes home with a flow: the same team, offline, with the practice model in place of every other one."""

from __future__ import annotations

from studio.formats.python_text.literals import quoted

_BEGINS = "    def test_the_conversation_runs_until_it_is_over_or_waits_for_a_person"


def smoke_test(why_not: str = "") -> str:
    """The test; with a reason why the conversation cannot begin, it is skipped and says so."""
    return SMOKE_TEST.replace(_BEGINS, f"    @unittest.skip({quoted(why_not)})\n{_BEGINS}") if why_not else SMOKE_TEST


SMOKE_TEST = '''"""A smoke test: the same team talks once, offline, with the practice model in place of every other one.

Run it with: python test_smoke.py
"""

import asyncio
import unittest
from typing import Any

from studio.engine import McpServer, PracticeModel, run
from studio.engine.component import Component
from studio.engine.models.base import Model

from main import team


def offline(part: Any) -> Any:
    """A component with the practice model for its models, and without the tools that start or call other programs."""
    match part:
        case Model():
            script = part.replies if isinstance(part, PracticeModel) else {}
            return PracticeModel(script=script, words_per_second=0)
        case Component():
            fields = type(part).model_fields
            parts = {name: offline(getattr(part, name)) for name in fields}
            return part.model_copy(update=parts)
        case list() | tuple():
            kept = (each for each in part if not isinstance(each, McpServer))
            return type(part)(map(offline, kept))
        case dict():
            return {key: offline(each) for key, each in part.items()}
    return part


class SmokeTest(unittest.TestCase):
    def test_the_conversation_runs_until_it_is_over_or_waits_for_a_person(self) -> None:
        result = asyncio.run(asyncio.wait_for(run(offline(team), "Say hello."), 60))
        self.assertIn(result.status, ("done", "waiting"), result.stop_reason)


if __name__ == "__main__":
    unittest.main()
'''
