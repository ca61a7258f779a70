"""Databases as AutoGen Studio 0.4.2.2, 0.1.5 and 0.0.56 make them, with their tables and columns."""

from __future__ import annotations

import json
import random
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


_DATES = "created_at DATETIME DEFAULT CURRENT_TIMESTAMP, updated_at DATETIME, user_id VARCHAR"

SCHEMA_0_1 = f"""
CREATE TABLE skill (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, {_DATES}, version VARCHAR, name VARCHAR NOT NULL,
    content VARCHAR NOT NULL, description VARCHAR, secrets JSON, libraries JSON);
CREATE TABLE model (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, {_DATES}, version VARCHAR, model VARCHAR NOT NULL, api_key VARCHAR,
    base_url VARCHAR, api_type VARCHAR(9), api_version VARCHAR, description VARCHAR);
CREATE TABLE agent (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, {_DATES}, version VARCHAR, type VARCHAR(9), config JSON,
    task_instruction VARCHAR);
CREATE TABLE workflow (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, {_DATES}, version VARCHAR, name VARCHAR NOT NULL,
    description VARCHAR NOT NULL, type VARCHAR(10), summary_method VARCHAR(4), sample_tasks JSON);
CREATE TABLE session (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, {_DATES}, workflow_id INTEGER, name VARCHAR, description VARCHAR,
    FOREIGN KEY(workflow_id) REFERENCES workflow (id));
CREATE TABLE message (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, {_DATES}, role VARCHAR NOT NULL, content VARCHAR NOT NULL,
    session_id INTEGER, connection_id VARCHAR, meta JSON, FOREIGN KEY(session_id) REFERENCES session (id) ON DELETE CASCADE);
CREATE TABLE agentskilllink (agent_id INTEGER NOT NULL, skill_id INTEGER NOT NULL, PRIMARY KEY (agent_id, skill_id));
CREATE TABLE agentmodellink (agent_id INTEGER NOT NULL, model_id INTEGER NOT NULL, PRIMARY KEY (agent_id, model_id));
CREATE TABLE agentlink (parent_id INTEGER NOT NULL, agent_id INTEGER NOT NULL, PRIMARY KEY (parent_id, agent_id));
CREATE TABLE workflowagentlink (workflow_id INTEGER NOT NULL, agent_id INTEGER NOT NULL, agent_type VARCHAR(10) NOT NULL,
    sequence_id INTEGER NOT NULL, PRIMARY KEY (workflow_id, agent_id, agent_type, sequence_id));
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
"""

SCHEMA_0_0 = """
CREATE TABLE version (version TEXT NOT NULL, UNIQUE (version));
CREATE TABLE models (id TEXT NOT NULL, user_id TEXT NOT NULL, timestamp DATETIME NOT NULL, model TEXT, api_key TEXT, base_url TEXT,
    api_type TEXT, api_version TEXT, description TEXT, UNIQUE (id, user_id));
CREATE TABLE messages (user_id TEXT NOT NULL, session_id TEXT, root_msg_id TEXT NOT NULL, msg_id TEXT, role TEXT NOT NULL,
    content TEXT NOT NULL, metadata TEXT, timestamp DATETIME, UNIQUE (user_id, root_msg_id, msg_id));
CREATE TABLE sessions (id TEXT NOT NULL, user_id TEXT NOT NULL, timestamp DATETIME NOT NULL, name TEXT, flow_config TEXT,
    UNIQUE (user_id, id));
CREATE TABLE skills (id TEXT NOT NULL, user_id TEXT NOT NULL, timestamp DATETIME NOT NULL, content TEXT, title TEXT, file_name TEXT,
    UNIQUE (id, user_id));
CREATE TABLE agents (id TEXT NOT NULL, user_id TEXT NOT NULL, timestamp DATETIME NOT NULL, config TEXT, type TEXT, skills TEXT,
    UNIQUE (id, user_id));
CREATE TABLE workflows (id TEXT NOT NULL, user_id TEXT NOT NULL, timestamp DATETIME NOT NULL, sender TEXT, receiver TEXT, type TEXT,
    name TEXT, description TEXT, summary_method TEXT, UNIQUE (id, user_id));
CREATE TABLE gallery (id TEXT NOT NULL, session TEXT, messages TEXT, tags TEXT, timestamp DATETIME NOT NULL, UNIQUE (id));
"""

Tables = dict[str, list[dict[str, Any]]]


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


def agent_config(name: str, **changes: Any) -> dict[str, Any]:
    """The configuration of an agent as AutoGen Studio 0.1 stores it."""
    return {
        "name": name,
        "human_input_mode": "NEVER",
        "max_consecutive_auto_reply": 25,
        "system_message": f"You are {name}.",
        "is_termination_msg": None,
        "code_execution_config": "none",
        "default_auto_reply": "",
        "description": f"The one called {name}",
        "llm_config": {"config_list": [], "temperature": 0.0, "cache_seed": None, "timeout": None, "max_tokens": 2048},
        "admin_name": "Admin",
        "messages": [],
        "max_round": 12,
        "speaker_selection_method": "auto",
        "allow_repeat_speaker": True,
        **changes,
    }


def exchanged(*said: tuple[str, Any]) -> list[dict[str, Any]]:
    """What agents said to each other, as AutoGen Studio before 0.4 keeps it with an answer."""
    return [
        {
            "recipient": "somebody",
            "sender": sender,
            "message": message if isinstance(message, dict) else {"content": message, "role": "user"},
            "timestamp": f"2024-08-01T10:00:{second:02}.5",
            "sender_type": "agent",
            "connection_id": "c1",
            "message_type": "agent_message",
        }
        for second, (sender, message) in enumerate(said, 1)
    ]


def travel() -> Tables:
    """The tables of AutoGen Studio 0.1 with a group and whoever begins its conversation, a pair, and a session with two questions."""
    proxy = agent_config("user_proxy", code_execution_config="local", default_auto_reply="TERMINATE", llm_config=False)
    called = {"content": "", "tool_calls": [{"id": "c9", "type": "function", "function": {"name": "book", "arguments": '{"days": 3}'}}]}
    gave = {"content": "booked", "role": "tool", "tool_responses": [{"tool_call_id": "c9", "role": "tool", "content": "booked"}]}
    inner = exchanged(
        ("user_proxy", "Three days?"),
        ("planner", called),
        ("user_proxy", gave),
        ("planner", {"content": [{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": "x"}}]}),
        ("local", "The market. 中文"),
    )
    meta = {"messages": inner, "summary_method": "last", "time": 3.5, "files": [{"name": "plan.pdf"}], "usage": [{"total_cost": 0.1}]}
    return {
        "model": [
            {"id": 1, "model": "gpt-4o", "api_key": "sk-secret", "api_type": "openai"},
            {"id": 2, "model": "gemini-2.5-pro", "api_type": "google"},
            {"id": 3, "model": "unused", "base_url": "http://127.0.0.1:1234/v1", "api_type": "openai"},
        ],
        "skill": [
            {
                "id": 1,
                "name": "book",
                "content": "def book(days: int) -> str:\n    return 'booked'\n",
                "description": "Books.",
                "secrets": [{"secret": "BOOKING_KEY", "value": None}],
                "libraries": ["requests"],
            },
            {"id": 2, "name": "spare", "content": "def spare() -> str:\n    return ''\n"},
        ],
        "agent": [
            {"id": 1, "type": "userproxy", "config": proxy},
            {"id": 2, "type": "groupchat", "config": agent_config("travel_groupchat", admin_name="groupchat")},
            {"id": 3, "type": "assistant", "config": agent_config("planner")},
            {"id": 4, "type": "assistant", "config": agent_config("local")},
            {"id": 5, "type": "assistant", "config": agent_config("alone")},
        ],
        "workflow": [
            {
                "id": 1,
                "name": "Travel Planning",
                "description": "Plans",
                "type": "autonomous",
                "summary_method": "last",
                "sample_tasks": ["Plan a trip."],
            },
            {"id": 2, "name": "Pair", "description": "Two", "type": "autonomous", "summary_method": "llm", "sample_tasks": []},
        ],
        "workflowagentlink": [
            {"workflow_id": 1, "agent_id": 1, "agent_type": "sender", "sequence_id": 0},
            {"workflow_id": 1, "agent_id": 2, "agent_type": "receiver", "sequence_id": 0},
            {"workflow_id": 2, "agent_id": 1, "agent_type": "sender", "sequence_id": 0},
            {"workflow_id": 2, "agent_id": 3, "agent_type": "receiver", "sequence_id": 0},
        ],
        "agentlink": [{"parent_id": 2, "agent_id": each} for each in (3, 4, 1)],
        "agentskilllink": [{"agent_id": 3, "skill_id": 1}],
        "agentmodellink": [{"agent_id": 2, "model_id": 1}, {"agent_id": 3, "model_id": 1}, {"agent_id": 3, "model_id": 2}],
        "session": [{"id": 5, "workflow_id": 1, "name": "Holidays"}, {"id": 6, "workflow_id": 2, "name": "Nothing yet"}],
        "message": [
            {"id": 1, "session_id": 5, "role": "user", "content": "Three days?", "created_at": "2024-08-01 10:00:00"},
            {"id": 2, "session_id": 5, "role": "assistant", "content": "The market. 中文", "meta": meta, "connection_id": "c1"},
            {"id": 3, "session_id": 5, "role": "user", "content": "And then?", "created_at": "2024-08-01 11:00:00"},
        ],
    }


def first_studio() -> Tables:
    """The tables of AutoGen Studio 0.0 with a group that is stored, and a pair that only its session still holds."""
    config = agent_config("userproxy", code_execution_config={"work_dir": None, "use_docker": False}, llm_config=False)
    settings = {"config_list": [{"model": "gpt-4o", "api_key": None}], "temperature": 0.1, "cache_seed": 42, "timeout": 600}
    source = "def book(days: int) -> str:\n    return 'booked'\n"
    skill = {"title": "book", "content": source, "description": "Books."}
    sender = {"type": "userproxy", "config": config, "skills": None}
    planner = {"type": "assistant", "config": agent_config("planner", llm_config=settings), "skills": [skill]}
    members = [planner, {"type": "assistant", "config": agent_config("local", llm_config=settings), "skills": []}]
    group = {
        "type": "groupchat",
        "config": agent_config("manager", llm_config=settings),
        "groupchat_config": {"agents": members, "max_round": 9, "speaker_selection_method": "round_robin", "admin_name": "Admin"},
    }
    pair = {"id": "w-2", "name": "Pair", "description": "Two", "type": "twoagents", "sender": sender, "receiver": planner}
    meta = {"messages": exchanged(("userproxy", "Three days?"), ("planner", "A plan.")), "summary_method": "llm", "time": 2.0, "files": []}
    stored = {"user_id": "default", "timestamp": "2024-03-01"}
    flow = {"name": "Travel", "description": "Plans", "type": "groupchat", "sender": sender, "receiver": group, "summary_method": "llm"}
    said = {"user_id": "guest", "session_id": "x-2", "root_msg_id": "0"}
    return {
        "version": [{"version": "0.0.56"}],
        "workflows": [{"id": "w-1", **stored, **flow}],
        "agents": [
            {"id": "a-1", **stored, "type": "assistant", "config": planner["config"], "skills": [skill]},
            {"id": "a-2", **stored, "type": "assistant", "config": agent_config("alone"), "skills": "null"},
        ],
        "skills": [
            {"id": "s-1", **stored, "title": "book", "content": source, "file_name": "book.py"},
            {"id": "s-2", **stored, "title": "spare", "content": "def spare() -> str:\n    return ''\n"},
        ],
        "models": [{"id": "m-1", **stored, "model": "gpt-4o"}],
        "sessions": [
            {"id": "x-1", **stored, "name": "Holidays", "flow_config": {**pair, "id": "w-1"}},
            {"id": "x-2", **stored, "name": "Pair", "flow_config": pair},
        ],
        "messages": [
            {**said, "msg_id": "1", "role": "user", "content": "Three days?", "timestamp": "2024-03-02T10:00:00.25"},
            {
                **said,
                "msg_id": "2",
                "role": "assistant",
                "content": "In short: a plan.",
                "metadata": meta,
                "timestamp": "2024-03-02T10:00:09",
            },
        ],
        "gallery": [
            {
                "id": "g-1",
                "session": {"id": "x-9", "name": "Shown to all", "flow_config": {"id": "w-1"}},
                "messages": [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hello.", "metadata": None}],
                "tags": ["published"],
                "timestamp": "2024-03-03",
            }
        ],
    }


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A file with some bytes behind its header changed, and now and then without its end."""
    broken = bytearray(data)
    for _ in range(chance.randrange(1, 40)):
        broken[chance.randrange(16, len(broken))] = chance.randrange(256)
    if chance.random() < 0.3:
        del broken[chance.randrange(100, len(broken)) :]
    return bytes(broken)
