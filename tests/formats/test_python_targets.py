"""What holds for every target that is a program, whatever the flow: it parses, no linter minds it, or its losses say why not."""

from __future__ import annotations

import ast
import subprocess

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings
from ruff import find_ruff_bin

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.formats.targets import TARGETS, Target

PROGRAMS = [pytest.param(each, id=each.name) for each in TARGETS.values() if each.language == "python"]
REFUSALS = ("flow", "nothing_to_write")
"""Codes of losses that say why there is no program at all."""


def rejected_by_ruff(source: str) -> str:
    command = [find_ruff_bin(), "check", "--isolated", "--no-cache", "--quiet", "--select", "F,I"]
    known = ["--config", 'lint.isort.known-third-party=["studio"]', "-"]
    return subprocess.run([*command, *known], input=source, capture_output=True, text=True, timeout=20, check=False).stdout


@pytest.mark.parametrize("target", PROGRAMS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=flows())
def test_any_flow_is_a_clean_program_or_its_losses_say_why_not(target: Target, document: FlowDocument) -> None:
    told = target.losses(document)
    try:
        program = target.write(document).decode()
    except ConveneError as refusal:
        program = ""
        refused = refusal.code
    if not program:
        assert refused in REFUSALS
        assert any(finding.level == "decision" for finding in told)
        return
    ast.parse(program)
    if rejected_by_ruff(program):
        assert any(finding.code.endswith("unclean") for finding in told)
