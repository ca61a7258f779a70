"""The icons of kinds and categories as `assets/studio/icons.jsx` draws them: paths on a grid of 16 pixels."""

from __future__ import annotations

from collections.abc import Mapping

# fmt: off
KINDS: Mapping[str, str] = {
    "assistant": "M3 3.5h10v7H7.5L4.5 13v-2.5H3z",
    "human": "M8 2.5a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2zM3 13.5c.4-2.6 2.4-4 5-4s4.6 1.4 5 4",
    "code_runner": "M2.5 3h11v10h-11zM5 6.2 7 8l-2 1.8M8.5 10.2H11",
    "python_agent": (
        "M6 3.5C4.6 3.5 4.4 4.3 4.4 5.5S4 8 3 8c1 0 1.4 1.3 1.4 2.5s.2 2 1.6 2M10 3.5c1.4 0 1.6.8 1.6 2S12 8 13 8c-1 0-1.4 "
        "1.3-1.4 2.5s-.2 2-1.6 2"
    ),
    "retrieval_agent": "M3.5 2.5h6L12 5v3M3.5 2.5v11h4M10.2 8.8a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM11.7 12.3l1.6 1.6",
    "team": "M8 2.5v2.6M13 10.5l-2.2-1.3M3 10.5l2.2-1.3M8 5.1A2.9 2.9 0 1 1 8 10.9 2.9 2.9 0 0 1 8 5.1z",
    "round_robin": "M13 8a5 5 0 1 1-1.5-3.6M13 2.5v2.4h-2.4",
    "model_choice": "M2.5 8h4M6.5 8l4-4.5h3M6.5 8l4 4.5h3",
    "swarm": "M2.5 6h8.5M8.5 3.5 11 6 8.5 8.5M13.5 10.5H5M7.5 8 5 10.5 7.5 13",
    "graph": "M2.5 8h2.4M4.9 8l3-4h2.4M4.9 8l3 4h2.4M10.3 2.8h2.9v2.4h-2.9zM10.3 10.8h2.9v2.4h-2.9z",
    "planner": "M3.5 2.5h9v11h-9zM5.5 5.5l.8.8 1.4-1.6M9 5.5h1.7M5.5 9.5l.8.8 1.4-1.6M9 9.8h1.7",
    "follow_edges": "M2.5 4.5h5v7h6M11 9l2.5 2.5L11 14",
    "sequence": "M2.5 8h11M10.5 5l3 3-3 3M5 5.5v5M8 5.5v5",
    "random_choice": "M2.5 11.5h2l6-7h3M11.5 2.5l2 2-2 2M2.5 4.5h2l1.4 1.6M8.8 9.5l1.7 2h3M11.5 9.5l2 2-2 2",
    "manual": "M5.5 7V3.4a1 1 0 0 1 2 0v3.4l4 .9c.9.2 1.3.8 1.1 1.7l-.7 4H6.4L3.6 9.6c.7-.8 1.4-.7 1.9 0",
    "function_choice": "M10.8 3.2c-1.7-.6-2.5.2-2.8 2l-1 6c-.3 1.5-1 2-2.2 1.6M5.2 7h5",
    "society": "M2.5 3h11v8h-5L5.5 13.5V11h-3zM5.5 7h.1M8 7h.1M10.5 7h.1",
    "filter": "M2.5 3h11L9.3 8.2v4.3l-2.6 1V8.2z",
    "chat": "M2.5 3h7.5v5.5H6L4 10.5v-2H2.5zM12 6h1.5v5.5H12v2l-2-2H6.5",
    "web_search": (
        "M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4zM10.2 10.2 13.5 13.5M2.8 7h8.4M7 2.8c1.3 1.1 1.9 2.5 1.9 4.2s-.6 "
        "3.1-1.9 4.2M7 2.8C5.7 3.9 5.1 5.3 5.1 7s.6 3.1 1.9 4.2"
    ),
    "web_browser": "M13.5 7V3.2h-11v9.6h5M2.5 6h11M4.3 4.6h.1M6 4.6h.1M8.7 8.2l5 1.9-2.2.9-.9 2.2z",
    "web_page": "M2.5 3.2h11v9.6h-11zM2.5 6h11M5 9h6M5 11h4M4.3 4.6h.1M6 4.6h.1",
    "http_tool": "M2.5 5.5h9.5M9.5 3 12 5.5 9.5 8M13.5 10.5H4M6.5 8 4 10.5 6.5 13",
    "openapi_tool": (
        "M5.5 3C4 3 4 4 4 5.5S3.5 8 2.5 8C3.5 8 4 9 4 10.5S4 13 5.5 13M10.5 3C12 3 12 4 12 5.5S12.5 8 13.5 8C12.5 8 12 9 12 "
        "10.5S12 13 10.5 13M6.5 8h.1M9.4 8h.1"
    ),
    "files": "M2.5 4h4l1.3 1.6h5.7v7h-11z",
    "video": "M2.5 4.5h7.5v7h-7.5zM10 7.2l3.5-1.9v5.4L10 8.8M4.3 6.3h.1",
    "expert_team": (
        "M7 2.5a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6zM2.5 13v-1.5c0-1.9 1.5-3.2 3.5-3.2h2c.7 0 1.3.2 1.9.5"
        "M11.5 9.5v4M9.5 11.5h4"
    ),
    "shell": "M2.5 3h11v10h-11zM5 6l2.2 2L5 10M8.5 10.3h2.8",
}
CATEGORIES: Mapping[str, str] = {
    "model": "M8 2.5 13 5.2v5.6L8 13.5 3 10.8V5.2zM8 8l5-2.8M8 8v5.5M8 8 3 5.2",
    "tool": "M10.2 2.8a3.2 3.2 0 0 0-2.9 4.5L2.8 11.8l1.4 1.4 4.5-4.5a3.2 3.2 0 0 0 4.4-3.9l-1.9 1.8-1.8-1.8z",
    "memory": (
        "M8 2.8c2.9 0 4.8.9 4.8 2s-1.9 2-4.8 2-4.8-.9-4.8-2 1.9-2 4.8-2zM3.2 4.8v6.4c0 1.1 1.9 2 4.8 2s4.8-.9 4.8-2V4.8M3.2 "
        "8c0 1.1 1.9 2 4.8 2s4.8-.9 4.8-2"
    ),
    "condition": "M5.6 2.5h4.8l3.1 3.1v4.8l-3.1 3.1H5.6L2.5 10.4V5.6z",
    "note": "M3.5 2.8h9v7l-3 3.4h-6zM9.5 13.2V9.8h3",
}
# fmt: on

_FIRST = {"agent": "assistant", "team": "team"}
"""Categories that look like one of their kinds."""


def icon(kind: str, category: str) -> str:
    """The path of a kind, or of its category, which is a note's for what is unknown."""
    return KINDS.get(kind) or CATEGORIES.get(category) or KINDS.get(_FIRST.get(category, "")) or CATEGORIES["note"]
