"""What is wrong with a drawing: one rule a file, all problems at once, a repair where one exists."""

from studio.flow.checks.check import check
from studio.flow.checks.problem import Level, Problem

__all__ = ["Level", "Problem", "check"]
