"""The outline of a team: who is in it, how they speak and when it ends, small enough for a model to write in one answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Role = Literal["assistant", "human", "code_runner"]
Speaking = Literal["round_robin", "model_choice", "graph"]
SafeTool = Literal["web_search", "web_page", "files"]
"""Tools that an outline may name: what they reach is guarded, and none of them runs code."""

ROLES: tuple[Role, ...] = get_args(Role)
WAYS: tuple[Speaking, ...] = get_args(Speaking)
TOOLS: tuple[SafeTool, ...] = get_args(SafeTool)

MOST_AGENTS = 12
"""However many are asked for."""

USUAL_AGENTS = 6
"""At most so many where nobody says a number."""


@dataclass(frozen=True, slots=True)
class OutlinedAgent:
    """`system_message` is empty for people and code runners, and so are their `tools`."""

    name: str
    role: Role
    description: str = ""
    system_message: str = ""
    tools: tuple[SafeTool, ...] = ()


@dataclass(frozen=True, slots=True)
class OutlinedArrow:
    """After `source` speaks `target`; with `when` only if the message has that word in it."""

    source: str
    target: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """Names are those that a team accepts, each once; arrows lead from one of them to another.

    `stop_word` ends the conversation when `ends` says it, an assistant's name, or anybody where that is ""; `turns` ends it anyway.
    """

    name: str
    description: str
    agents: tuple[OutlinedAgent, ...]
    speaking: Speaking = "round_robin"
    how_to_choose: str = ""
    arrows: tuple[OutlinedArrow, ...] = ()
    stop_word: str = "TERMINATE"
    ends: str = ""
    turns: int = 20
    tasks: tuple[str, ...] = ()

    @property
    def assistants(self) -> tuple[OutlinedAgent, ...]:
        return tuple(agent for agent in self.agents if agent.role == "assistant")

    @property
    def runs_code(self) -> bool:
        return any(agent.role == "code_runner" for agent in self.agents)


def as_form(outline: Outline) -> dict[str, Any]:
    """An outline in the form in which a model answers."""
    return asdict(outline)


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: dict[str, Any], description: str) -> dict[str, Any]:
    return {"type": "array", "items": items, "description": description}


FORM: dict[str, Any] = _object(
    name=_text("What the team is called, in a few words."),
    description=_text("What the team is for, in one or two sentences."),
    agents=_list(
        _object(
            name=_text("A short name of its own: letters, digits and _ only."),
            role={
                "type": "string",
                "enum": list(ROLES),
                "description": "assistant: a model speaks for it. human: the person who runs the team is asked. "
                "code_runner: runs the code blocks that assistants write, and tells the output.",
            },
            description=_text("What it is for, in at most eight words."),
            system_message=_text("Assistants: who it is, what it does and does not do, when it is finished. Others: empty."),
            tools=_list({"type": "string", "enum": list(TOOLS)}, "What an assistant may use; mostly nothing."),
        ),
        "The members, in the order in which they speak.",
    ),
    speaking={
        "type": "string",
        "enum": list(WAYS),
        "description": "round_robin: in turn. model_choice: a model picks who is next, along the arrows if there are any. "
        "graph: strictly along the arrows; arrows that leave one agent together are taken at the same time.",
    },
    how_to_choose=_text("model_choice: what the picking model should know. Otherwise empty."),
    arrows=_list(
        _object(
            source=_text("The name of the agent that has spoken."),
            target=_text("The name of the agent that speaks next."),
            when=_text("graph: a word in capitals that the source says to take this way. Empty: always, or when no other word was said."),
        ),
        "Who may speak after whom. Nothing for round_robin.",
    ),
    stop_word=_text("One word in capitals that ends the conversation, which the last agent's system message tells it to say."),
    ends=_text("The name of the assistant who says the stop word."),
    turns={"type": "integer", "description": "After how many turns it ends at the latest, 2 to 100."},
    tasks=_list(_text("A task."), "Two or three tasks to try the team with."),
)
"""The JSON schema of an answer, in the strict form that servers can be held to."""
