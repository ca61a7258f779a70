"""List prices of models in US dollars per million tokens, with where they stand and when they were read.

Standard tier, short prompts, without discounts for batches. A model whose price was not found, or changes by the hour, is left out:
an unknown price is shown as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MINUTES: Mapping[str, float] = {"whisper-1": 0.006}
"""Of models that are paid by the minute of sound: US dollars for one, as OpenAI lists them."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """`rows` are (model, prompt, prompt from the cache or None where it costs the same, completion); `read` is year and month."""

    source: str
    read: str
    rows: tuple[tuple[str, float, float | None, float], ...]


VENDORS: tuple[Vendor, ...] = (
    Vendor(
        "developers.openai.com/api/docs/pricing",
        "2026-08",
        (
            ("gpt-5.6-sol", 5.00, 0.50, 30.00),
            ("gpt-5.6-terra", 2.00, 0.20, 12.00),
            ("gpt-5.6-luna", 0.20, 0.02, 1.20),
            ("gpt-5.5", 5.00, 0.50, 30.00),
            ("gpt-5.5-pro", 30.00, None, 180.00),
            ("gpt-5.4", 2.50, 0.25, 15.00),
            ("gpt-5.4-pro", 30.00, None, 180.00),
            ("gpt-5.4-mini", 0.75, 0.075, 4.50),
            ("gpt-5.4-nano", 0.20, 0.02, 1.25),
            ("gpt-5.3", 1.75, 0.175, 14.00),
            ("gpt-5.3-codex", 1.75, 0.175, 14.00),
            ("gpt-5.2", 1.75, 0.175, 14.00),
            ("gpt-5.2-pro", 21.00, None, 168.00),
            ("gpt-5.1", 1.25, 0.125, 10.00),
            ("gpt-5.1-codex", 1.25, 0.125, 10.00),
            ("gpt-5.1-codex-mini", 0.25, 0.025, 2.00),
            ("gpt-5", 1.25, 0.125, 10.00),
            ("gpt-5-codex", 1.25, 0.125, 10.00),
            ("gpt-5-pro", 15.00, None, 120.00),
            ("gpt-5-mini", 0.25, 0.025, 2.00),
            ("gpt-5-nano", 0.05, 0.005, 0.40),
            ("gpt-4.1", 2.00, 0.50, 8.00),
            ("gpt-4.1-mini", 0.40, 0.10, 1.60),
            ("gpt-4.1-nano", 0.10, 0.025, 0.40),
            ("gpt-4o", 2.50, 1.25, 10.00),
            ("gpt-4o-mini", 0.15, 0.075, 0.60),
            ("gpt-4-turbo", 10.00, None, 30.00),
            ("gpt-4", 30.00, None, 60.00),
            ("gpt-3.5-turbo", 0.50, None, 1.50),
            ("text-embedding-3-small", 0.02, None, 0.0),
            ("text-embedding-3-large", 0.13, None, 0.0),
            ("text-embedding-ada-002", 0.10, None, 0.0),
            ("o1", 15.00, 7.50, 60.00),
            ("o1-pro", 150.00, None, 600.00),
            ("o1-mini", 1.10, 0.55, 4.40),
            ("o3", 2.00, 0.50, 8.00),
            ("o3-pro", 20.00, None, 80.00),
            ("o3-mini", 1.10, 0.55, 4.40),
            ("o4-mini", 1.10, 0.275, 4.40),
        ),
    ),
    Vendor(
        "claude.com/pricing",
        "2026-07",
        (
            ("claude-opus-5", 5.00, 0.50, 25.00),
            ("claude-opus-4-8", 5.00, 0.50, 25.00),
            ("claude-opus-4-7", 5.00, 0.50, 25.00),
            ("claude-opus-4-6", 5.00, 0.50, 25.00),
            ("claude-opus-4-5", 5.00, 0.50, 25.00),
            ("claude-opus-4-1", 15.00, 1.50, 75.00),
            ("claude-opus-4-0", 15.00, 1.50, 75.00),
            ("claude-opus-4", 15.00, 1.50, 75.00),
            ("claude-sonnet-5", 3.00, 0.30, 15.00),
            ("claude-sonnet-4-6", 3.00, 0.30, 15.00),
            ("claude-sonnet-4-5", 3.00, 0.30, 15.00),
            ("claude-sonnet-4-0", 3.00, 0.30, 15.00),
            ("claude-sonnet-4", 3.00, 0.30, 15.00),
            ("claude-haiku-4-5", 1.00, 0.10, 5.00),
            ("claude-3-7-sonnet", 3.00, 0.30, 15.00),
            ("claude-3-5-sonnet", 3.00, 0.30, 15.00),
            ("claude-3-5-haiku", 0.80, 0.08, 4.00),
            ("claude-3-opus", 15.00, 1.50, 75.00),
            ("claude-3-haiku", 0.25, 0.03, 1.25),
        ),
    ),
    Vendor(
        "ai.google.dev/gemini-api/docs/pricing",
        "2026-07",
        (
            ("gemini-3.5-flash", 1.50, 0.15, 9.00),
            ("gemini-3.5-flash-lite", 0.30, 0.03, 2.50),
            ("gemini-3.1-pro", 2.00, 0.20, 12.00),
            ("gemini-3.1-flash-lite", 0.25, 0.025, 1.50),
            ("gemini-3-pro", 2.00, 0.20, 12.00),
            ("gemini-3-flash", 0.50, 0.05, 3.00),
            ("gemini-2.5-pro", 1.25, 0.125, 10.00),
            ("gemini-2.5-flash", 0.30, 0.03, 2.50),
            ("gemini-2.5-flash-lite", 0.10, 0.01, 0.40),
            ("gemini-2.0-flash", 0.10, 0.025, 0.40),
            ("gemini-2.0-flash-lite", 0.075, None, 0.30),
        ),
    ),
    Vendor(
        "api-docs.deepseek.com/quick_start/pricing",
        "2026-06",
        (
            ("deepseek-v4-flash", 0.14, 0.0028, 0.28),
            ("deepseek-v4-pro", 0.435, 0.003625, 0.87),
        ),
    ),
    Vendor(
        "mistral.ai/pricing",
        "2026-06",
        (
            ("mistral-large-2512", 0.50, 0.05, 1.50),
            ("mistral-small-2603", 0.15, 0.015, 0.60),
            ("codestral-2508", 0.30, 0.03, 0.90),
            ("devstral-2512", 0.40, 0.04, 2.00),
            ("ministral-14b-2512", 0.20, 0.02, 0.20),
            ("ministral-3b-2512", 0.10, 0.01, 0.10),
        ),
    ),
)
