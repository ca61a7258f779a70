"""Flows made at random, each with what its models say: ways to choose, agents, tools, hand-overs, arrows and stop rules in any mix."""

from __future__ import annotations

import random
from typing import Any

from matrix_flows import MODEL, Flow
from model_replies import Said
from model_server import Call

from studio.flow.document import Edge, FlowDocument, Node

NAMES = ("ann", "bob", "cyd", "dan")
TEXTS = (
    "Hello.",
    "I think bob should look at it.",
    "ann and cyd know more.",
    "Done. TERMINATE",
    "All fine, APPROVE",
    "No. REVISE",
    "What about dan?",
    "It is 42.",
    "One line.\nAnother one.",
    '{"a": 1}',
    "naïve 你好",
    "terminate, please",
    "user",
)
TOOLS = {
    "double": ('def double(number: int) -> int:\n    """Twice a number."""\n    return 2 * number\n', {"number": 21}),
    "weather": (
        'def weather(city: str, days: int = 1) -> str:\n    """The weather."""\n    return f"{days} fine in {city}"\n',
        {"city": "Oslo"},
    ),
    "shout": ('async def shout(text: str) -> str:\n    """Say it loud."""\n    return text.upper()\n', {"text": "a (b)"}),
}
COUNTS = 'def count(messages: list[dict]) -> str:\n    return f"That makes {len(messages)}."\n'
LONG = "def over(messages: list[dict]) -> bool:\n    return len(messages) > 3\n"
NEXT = "def pick(messages: list[dict], names: list[str]) -> str:\n    return names[len(messages) % len(names)]\n"
ALONG_ARROWS = ("follow_edges", "round_robin", "random_choice")
WAYS = ("round_robin", "round_robin", "model_choice", "swarm", "swarm", "graph", "graph", "sequence", "random_choice", "follow_edges")
RULES = ("text_mention", "text_mention", "max_messages", "max_turns", "said_by", "any_of", "all_of")
REPLIES = 12
"""How many answers each agent has; the last one stays."""


class RandomFlow:
    """Draws a flow of one team; the same seed gives the same one."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.by = random.Random(seed)
        self.nodes = [Node(id="n_m", kind="openai", config={"model": MODEL})]
        self.edges: list[Edge] = []
        self.agents: dict[str, tuple[Any, ...]] = {}
        # What a model says beside a call is a message of its own to functions elsewhere, which is told: here is either one.
        self.functions = self.by.random() < 0.5
        self.names = NAMES[: self.by.choice((2, 2, 3, 3, 4))]

    def flow(self) -> Flow:
        way = self.by.choice((*WAYS, *(("function_choice",) * 2 if self.functions else ())))
        team: dict[str, Any] = {"selection": {"kind": way}, "max_turns": self.by.randint(2, 7)}
        for name in self.names:
            self._member(name, way)
        match way:
            case "model_choice":
                team["selection"]["allow_repeat"] = len(self.names) > 2
            case "swarm":
                team["selection"]["after_work"] = "stay"
            case "random_choice":
                team["selection"] |= {"seed": self.by.randint(0, 9), "allow_repeat": self.by.random() < 0.5}
            case "function_choice":
                team["selection"]["source"] = NEXT
            case "graph":
                self._graph()
        if way == "follow_edges" or (way in ALONG_ARROWS and self.by.random() < 0.2):
            self._arrows()
        self._wire("model", "n_m", "n_t")
        self.nodes.append(Node(id="n_t", kind="team", name="group", config=team))
        for _ in range(self.by.randint(0, 2)):
            self._rule("n_t", 0)
        document = FlowDocument(name=f"random {self.seed}", sample_tasks=("Begin.",), nodes=tuple(self.nodes), edges=tuple(self.edges))
        chosen = tuple(self.by.choice(self.names) for _ in range(40))
        return Flow(f"random {self.seed}", document, self.agents, {"*": chosen})

    def _wire(self, kind: Any, source: str, target: str, **config: Any) -> None:
        self.edges.append(Edge(id=f"e_{len(self.edges)}", kind=kind, source=source, target=target, config=config))

    # Who takes part --------------------------------------------------------------------------------------------------

    def _member(self, name: str, way: str) -> None:
        if self.functions and way != "swarm" and self.by.random() < 0.25:
            self.nodes.append(Node(id=f"n_{name}", kind="python_agent", name=name, parent="n_t", config={"source": COUNTS}))
            return
        others = [other for other in self.names if other != name]
        handoffs = self.by.sample(others, self.by.randint(1, len(others))) if way == "swarm" else []
        tools = self.by.sample(sorted(TOOLS), self.by.randint(1, 2)) if self.by.random() < 0.4 else []
        config: dict[str, Any] = {"system_message": f"You are {name}.", "description": f"{name} helps"}
        config |= {"handoffs": handoffs} if handoffs else {}
        if not tools and way != "swarm" and self.by.random() < 0.25:
            config["context"] = {"kind": "last_messages", "count": self.by.randint(2, 4), "keep_task": False}
        for tool in tools:
            self.nodes.append(Node(id=f"n_{name}_{tool}", kind="python_tool", config={"source": TOOLS[tool][0]}))
            self._wire("tool", f"n_{name}_{tool}", f"n_{name}")
        if self.by.random() < 0.1:
            self.nodes.append(Node(id=f"n_{name}_facts", kind="list_memory", config={"facts": ["The sky is blue."]}))
            self._wire("memory", f"n_{name}_facts", f"n_{name}")
        if self.by.random() < 0.15:
            self.nodes.append(Node(id=f"n_{name}_model", kind="openai", config={"model": MODEL, "temperature": 0.3}))
            self._wire("model", f"n_{name}_model", f"n_{name}")
        self.nodes.append(Node(id=f"n_{name}", kind="assistant", name=name, parent="n_t", config=config))
        self.agents[config["system_message"]] = (*(self._said(tools, handoffs) for _ in range(REPLIES)), f"{name} has said it all.")

    def _said(self, tools: list[str], handoffs: list[str]) -> Any:
        lot = self.by.random()
        if tools and lot < 0.4:
            calls = [Call(tool, TOOLS[tool][1]) for tool in self.by.choices(tools, k=self.by.choice((1, 1, 1, 2)))]
            return Said("Let me see." if not self.functions and self.by.random() < 0.2 else "", tuple(calls))
        if handoffs and lot < 0.7:
            return Said(calls=(Call(f"transfer_to_{self.by.choice(handoffs)}", {}),))
        return self.by.choice(TEXTS)

    # Who follows whom, and when it is over ---------------------------------------------------------------------------

    def _arrows(self) -> None:
        for before in self.names:
            for after in self.names:
                if before != after and self.by.random() < 0.5:
                    self._wire("speaks", f"n_{before}", f"n_{after}")

    def _graph(self) -> None:
        """A way from the first to the last, branches beside it, and maybe one back that waits for a word."""
        ways = {(one, other) for one, other in zip(self.names, self.names[1:], strict=False)}
        ways |= {(one, other) for one in self.names for other in self.names if one < other and self.by.random() < 0.3}
        back = (self.names[-1], self.names[0]) if self.by.random() < 0.4 else None
        for one, other in sorted(ways):
            several = sum(one == before for before, _ in ways) > 1
            self._wire("speaks", f"n_{one}", f"n_{other}", **({"condition": self.by.choice(("e", "APPROVE"))} if several else {}))
        if back is not None:
            self._wire("speaks", f"n_{back[0]}", f"n_{back[1]}", condition="e")

    def _rule(self, target: str, depth: int) -> None:
        kind = self.by.choice((*RULES, *(("function_rule",) * self.functions)) if depth == 0 else RULES[:5])
        node = f"n_rule_{len(self.nodes)}"
        configs: dict[str, dict[str, Any]] = {
            "text_mention": {"text": self.by.choice(("TERMINATE", "APPROVE", "bob"))},
            "max_messages": {"max_messages": self.by.randint(2, 6)},
            "max_turns": {"max_turns": self.by.randint(1, 6)},
            "said_by": {"sources": self.by.sample(self.names, 1)},
            "function_rule": {"source": LONG},
        }
        self.nodes.append(Node(id=node, kind=kind, config=configs.get(kind, {})))
        self._wire("stop", node, target)
        if kind in ("any_of", "all_of"):
            for _ in range(2):
                self._rule(node, depth + 1)
