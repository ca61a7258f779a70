"""Small drawings that run offline, for tests of the doors to the studio."""

from __future__ import annotations

from typing import Any

from studio.flow.document import Edge, FlowDocument, Node


def drawing(
    *members: Node, script: dict[str, list[str]], turns: int = 4, words_per_second: float = 0, name: str = "Two of them"
) -> FlowDocument:
    """A round robin of these members on a practice model that says what `script` holds for each."""
    team = Node(id="n_team", kind="team", name="team", config={"max_turns": turns})
    model = Node(id="n_model", kind="practice", name="model", config={"script": script, "words_per_second": words_per_second})
    inside = tuple(member.model_copy(update={"parent": "n_team"}) for member in members)
    return FlowDocument(
        name=name, nodes=(team, *inside, model), edges=(Edge(id="e_model", kind="model", source="n_model", target="n_team"),)
    )


def agent(name: str, **config: Any) -> Node:
    return Node(id=f"n_{name}", kind="assistant", name=name, config={"system_message": f"You are {name}.", **config})


def pair(turns: int = 4, words_per_second: float = 0) -> FlowDocument:
    """Ann and Bob in turn: one, two, three, four."""
    return drawing(
        agent("ann"), agent("bob"), script={"ann": ["one", "three"], "bob": ["two", "four"]}, turns=turns, words_per_second=words_per_second
    )


def asking() -> FlowDocument:
    """Ann asks, the boss answers, Ann says the last word."""
    boss = Node(id="n_boss", kind="human", name="boss", config={})
    return drawing(agent("ann"), boss, script={"ann": ["What now?", "Fine."]}, turns=3, name="Asking")
