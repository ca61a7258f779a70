"""Databases as AutoGen Studio 0.4.2.2 makes them, with its tables and columns, and hostile ones."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE team (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, created_at DATETIME DEFAULT CURRENT_TIMESTAMP, updated_at DATETIME,
    user_id VARCHAR, version VARCHAR, component JSON);
CREATE TABLE gallery (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, created_at DATETIME, updated_at DATETIME, user_id VARCHAR,
    version VARCHAR, config JSON);
CREATE TABLE settings (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, created_at DATETIME, updated_at DATETIME, user_id VARCHAR,
    version VARCHAR, config JSON);
CREATE TABLE session (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, created_at DATETIME, updated_at DATETIME, user_id VARCHAR,
    version VARCHAR, team_id INTEGER, name VARCHAR);
CREATE TABLE run (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, created_at DATETIME, updated_at DATETIME, session_id INTEGER NOT NULL,
    status VARCHAR(8) NOT NULL, task JSON, team_result JSON, error_message VARCHAR, version VARCHAR, messages JSON, user_id VARCHAR);
CREATE TABLE message (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, created_at DATETIME, updated_at DATETIME, user_id VARCHAR,
    version VARCHAR, config JSON, session_id INTEGER, run_id INTEGER, message_meta JSON);
"""


def database(file: Path, rows: dict[str, list[dict[str, Any]]], schema: str = SCHEMA) -> Path:
    """A database with these rows; what is no text and no number is stored as JSON."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(schema)
        for table, each in rows.items():
            for row in each:
                cells = [json.dumps(cell) if isinstance(cell, (dict, list)) else cell for cell in row.values()]
                names = ", ".join(row)
                connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", cells)
        connection.commit()
    return file


def conversation(team: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """A team, a session with two runs, and what was said in them."""
    usage = {"prompt_tokens": 20, "completion_tokens": 7}
    call = {"id": "call_1", "name": "add", "arguments": '{"a": 1}'}
    said = [
        {"source": "user", "content": "What is 1 + 1?", "type": "TextMessage"},
        {"source": "llm_call_event", "content": "{...}", "type": "LLMCallEventMessage"},
        {"source": "ann", "content": [call], "models_usage": usage, "type": "ToolCallRequestEvent"},
        {
            "source": "ann",
            "content": [{"call_id": "call_1", "name": "add", "content": "2", "is_error": False}],
            "type": "ToolCallExecutionEvent",
        },
        {"source": "ann", "content": "It is 2. 中文", "models_usage": usage, "type": "TextMessage"},
        {"source": "ann", "content": ["Look:", {"data": "iVBOR"}], "type": "MultiModalMessage"},
        {"source": "ann", "content": "Over to you.", "target": "bob", "type": "HandoffMessage"},
    ]
    return {
        "team": [{"id": 1, "user_id": "guest", "component": team}],
        "session": [{"id": 5, "team_id": 1, "name": "Sums"}],
        "run": [
            {
                "id": 8,
                "session_id": 5,
                "created_at": "2025-03-01 10:00:00",
                "status": "COMPLETE",
                "task": said[0],
                "team_result": {"task_result": {"messages": [], "stop_reason": "Text 'DONE' mentioned"}, "usage": "", "duration": 2.5},
            },
            {"id": 9, "session_id": 5, "created_at": "2025-03-01 11:00:00", "status": "ERROR", "task": said[0], "error_message": "No key"},
        ],
        "message": [
            {"run_id": 8, "session_id": 5, "config": message, "created_at": f"2025-03-01 10:00:0{number}"}
            for number, message in enumerate(said)
        ],
    }
