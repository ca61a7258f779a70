"""Patterns under the address that AG2's imports use."""

from studio.classic.patterns import AutoPattern, DefaultPattern, ManualPattern, RandomPattern, RoundRobinPattern

__all__ = ["AutoPattern", "DefaultPattern", "ManualPattern", "RandomPattern", "RoundRobinPattern"]
