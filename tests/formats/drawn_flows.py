"""Any flow that can be run, as a hypothesis strategy: made from the kinds that can be drawn and the fields that they have."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, MinLen
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from studio.engine.agents.human import Human
from studio.engine.code.packages import Package
from studio.engine.component import Component
from studio.engine.teams.team import Team
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.kinds import DRAWN, drawn_class, nested_classes, parts
from studio.flow.ports import can_be_called

Draw = Callable[[st.SearchStrategy[Any]], Any]

WORDS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(list(" \n\"'\\")), max_size=30)
PROSE = st.lists(st.sampled_from(["a", "stop", "when\n", "it's", '"done"', "\\", "   ", '"""', "{x}", "你好", "\u200b"]), max_size=40).map(
    " ".join
)


def _is_name(text: str) -> bool:
    try:
        Human(name=text)
    except ValidationError:
        return False
    return text == text.strip()


NAMES = st.from_regex(r"\A\w(?:[\w \-]{0,12}[\w\-])?\Z").filter(_is_name)
FAMILIAR = st.sampled_from(
    ["coder", "team", "class", "print", "console", "Team", "search", "json", "You", "2nd reader", "研究员", "coder "]
).map(str.strip)
CALLED_SO = NAMES | FAMILIAR
SOME_NAMES = st.lists(CALLED_SO, min_size=1, max_size=4, unique=True)
A_NAME_OR_NONE = st.just("") | CALLED_SO
TASKS = st.lists(WORDS, max_size=2)
JSON = st.recursive(st.none() | st.booleans() | st.integers(-10, 10**6) | WORDS, lambda inner: st.lists(inner, max_size=2), max_leaves=3)
REPLIES = WORDS | st.fixed_dictionaries({"tool": st.just("search"), "arguments": st.dictionaries(st.just("words"), WORDS)})

SOURCES = st.sampled_from(
    [
        'def tool(text: str) -> str:\n    """Say what this does."""\n    return text\n',
        'import json\nimport os.path\n\nDATA = {"a": [1, 2]}\n\n\ndef search(words: str, limit: int = 3) -> str:\n    """Find words.  \n\n    In data."""\n    return json.dumps(DATA)[:limit]\n',
        "from math import sqrt as root, pi\ndef coder(x: float) -> float:\n\t'''Root.'''\n\treturn root(x) * pi\n",
        "DATA = 5\ndef data(n: int) -> int:\n    return DATA + n",
        "COUNT = 0\ndef count() -> int:\n    global COUNT\n    COUNT += 1\n    return COUNT",
        "def console(text: str) -> str:\n    unused = 1\n    return text",
        "import json\ndef json_of(text: str) -> str:\n    return text",
        "async def slow(text: str) -> str:\n    '''Wait.'''\n    return text",
    ]
)
"""Functions that share names, imports and habits that a file cannot have twice."""

RULES = st.sampled_from(["amount > 100", "text contains it's", "delete_*", "any matches \\d{3,}"])
"""Rules of when to ask before a tool is called."""


HOSTS = st.lists(st.sampled_from(["example.com", "*.example.org", "localhost:8000", "[::1]:80"]), max_size=2)
TOOL_FIELDS = {
    "Address": st.sampled_from(["https://api.example.com/v1", "http://127.0.0.1:8080/", "https://bücher.example/it's"]),
    "Arguments": st.sampled_from(
        [{}, {"type": "object", "properties": {"n": {"type": "integer", "description": "it's"}}, "required": ["n"]}]
    ),
    "Function name": st.sampled_from(["call_service", "get-weather", "class"]),
    "Headers": st.dictionaries(
        st.sampled_from(["Accept", "X-Note"]), st.sampled_from(["text/html", "Bearer ${my server}", "it's {n}"]), max_size=2
    ),
    "May redirect to": HOSTS,
    "Only these hosts": HOSTS,
    "OpenAPI document": st.sampled_from(
        ['{"openapi": "3.1.0", "paths": {"/x": {"get": {"summary": "it\'s"}}}}', "openapi: 3.0.0\npaths: {/x: {get: {}}}"]
    ),
    "Operations": st.lists(st.just("GET /x"), max_size=1),
    "Private hosts": HOSTS,
}
"""Values of fields that must be an address, a host, a schema …, by the field's title."""
CALLED = st.fixed_dictionaries({}, optional={"remembers": st.booleans(), "heard": st.sampled_from(["last", "all"])})
"""How an agent that is a tool is called."""
NEEDED = {"http_tool": {"url"}, "openapi_tool": {"document", "base_url"}}
"""Fields without which a tool offers nothing."""


@st.composite
def flows(draw: Draw) -> FlowDocument:
    """A document that resolves: one team, one to four agents, models, tools, stop rules and notes, wired in any way that fits."""
    categories = ("agent", "team", "model", "tool", "memory", "condition")
    kinds = {category: [item.kind for item in DRAWN if item.category == category] for category in categories}
    nodes = [Node(id="n_team", kind="team", name=draw(CALLED_SO), config=draw(configs("team")))]
    edges: list[tuple[str, str, str]] = []
    names = draw(SOME_NAMES)
    agents = [Node(id=f"n_a{at}", kind=draw(st.sampled_from(kinds["agent"])), name=name, parent="n_team") for at, name in enumerate(names)]
    if draw(st.integers(0, 3)) == 0:
        inner = Node(id="n_in", kind=draw(st.sampled_from(kinds["team"])), name=f"inner {names[0]}"[:60], parent="n_team")
        nodes.append(inner.model_copy(update={"config": draw(configs(inner.kind))}))
        agents[0] = agents[0].model_copy(update={"parent": "n_in"})
    nodes += [agent.model_copy(update={"config": draw(configs(agent.kind))}) for agent in agents]
    models = [f"n_m{at}" for at in range(draw(st.integers(0, 2)))]
    tools = [f"n_t{at}" for at in range(draw(st.integers(0, 3)))]
    rules = [f"n_s{at}" for at in range(draw(st.integers(0, 4)))]
    for ids, category in ((models, "model"), (tools, "tool"), (rules, "condition")):
        for item in ids:
            kind = draw(st.sampled_from(kinds[category]))
            nodes.append(Node(id=item, kind=kind, name=draw(A_NAME_OR_NONE), config=draw(configs(kind))))
    assistants = [agent.id for agent in agents if agent.kind == "assistant"]
    edges += [("model", draw(st.sampled_from(models)), target) for target in ("n_team", *assistants) if models and draw(st.booleans())]
    edges += [("tool", tool, agent) for tool in tools for agent in assistants if draw(st.booleans())]
    calls: dict[tuple[str, str, str], dict[str, Any]] = {}
    if assistants and draw(st.integers(0, 2)) == 0:
        called = draw(st.sampled_from([kind for kind in kinds["agent"] if can_be_called(kind)]))
        nodes.append(Node(id="n_c", kind=called, name=f"called {names[0]}"[:60], config=draw(configs(called))))
        callers = draw(st.lists(st.sampled_from(assistants), min_size=1, unique=True))
        calls = {("tool", "n_c", caller): draw(CALLED) for caller in callers}
        edges += calls
    edges += [("speaks", a.id, b.id) for a in agents for b in agents if a.parent == b.parent and draw(st.integers(0, 3)) == 0]
    if assistants and draw(st.booleans()):
        nodes.append(Node(id="n_k", kind=(kind := draw(st.sampled_from(kinds["memory"]))), config=draw(configs(kind))))
        edges.append(("memory", "n_k", draw(st.sampled_from(assistants))))
    asking = [node.id for node in nodes if node.kind in ("fallback", "best_of")]
    nodes += [Node(id=f"n_y{item}", kind=draw(st.sampled_from(["openai", "practice"]))) for item in asking]
    edges += [("model", f"n_y{item}", item) for item in asking]
    combined = [node.id for node in nodes if node.kind in ("any_of", "all_of")]
    for at, rule in enumerate(rules):
        later = [other for other in rules[at + 1 :] if other in combined]
        edges.append(("stop", rule, draw(st.sampled_from([*later, "n_team"]))))
    filled = {target for kind, _, target in edges if kind == "stop"}
    nodes += [Node(id=f"n_x{item}", kind="max_turns") for item in combined if item not in filled]
    edges += [("stop", f"n_x{item}", item) for item in combined if item not in filled]
    wires = [
        Edge(id=f"e_{at}", kind=kind, source=source, target=target, config=calls.get((kind, source, target), {}))  # type: ignore[arg-type]
        for at, (kind, source, target) in enumerate(edges)
    ]
    return FlowDocument(
        name=draw(WORDS),
        description=draw(PROSE),
        sample_tasks=tuple(draw(TASKS)),
        nodes=tuple(nodes),
        edges=tuple(wires),
    )


@cache
def configs(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Values for some of a kind's own fields, as the inspector would store them. Made once: to make a strategy takes longer than to draw."""
    found = drawn_class(kind)
    assert found is not None
    fields = {name: part for name, part in parts(found).items() if part.role in ("plain", "nested")}
    required = {name: _values(part.info) for name, part in fields.items() if part.info.is_required() or name in NEEDED.get(kind, ())}
    optional = {name: _values(part.info) for name, part in fields.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional).filter(lambda config: _fits(found, config))


def _fits(cls: type[Component], config: dict[str, Any]) -> bool:
    members = {"participants": (Human(name="me"),)} if issubclass(cls, Team) else {}
    try:
        cls(**config, **members)
    except ValidationError as error:
        return all(mistake["type"] == "missing" for mistake in error.errors())
    return True


def _values(info: FieldInfo) -> st.SearchStrategy[Any]:
    if info.title == "Function":
        return SOURCES
    if info.title == "Ask when":
        return st.lists(RULES, max_size=3)
    if info.title in TOOL_FIELDS:
        return TOOL_FIELDS[info.title]
    if info.title == "Looks for":
        return st.sampled_from(["secret", r"\d{4}", "is it's rude?"])
    if info.title == "Script":
        return st.dictionaries(NAMES, st.lists(REPLIES, max_size=3), max_size=2)
    return _of(info.annotation, info.metadata)


def _of(annotation: Any, limits: list[Any]) -> st.SearchStrategy[Any]:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return st.one_of([_of(each, limits) for each in inner])
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple:
        return st.lists(_of(inner[0], []), max_size=3)
    if origin in (dict, Mapping):
        return st.dictionaries(WORDS, WORDS if inner[1] is str else JSON, max_size=3)
    if origin is Annotated:
        return _of(inner[0], list(inner[1:]))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and not issubclass(annotation, Component):
        known = {name: _values(field) for name, field in annotation.model_fields.items()}
        return st.fixed_dictionaries(known)
    if annotation is type(None):
        return st.none()
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(_limit(limits, Ge, "ge", 0), _limit(limits, Le, "le", 10**7))
    if annotation is float:
        low = _limit(limits, Gt, "gt", _limit(limits, Ge, "ge", 0))
        return st.floats(low, _limit(limits, Le, "le", 10**6), exclude_min=any(isinstance(each, Gt) for each in limits), allow_nan=False)
    if annotation is Package:
        return st.sampled_from(["pandas", "numpy>=2,<3", "requests[socks] == 2.*"])
    if annotation is str:
        shortest = _limit(limits, MinLen, "min_length", 0)
        return (WORDS | PROSE | st.sampled_from(["openai", "my server"])).filter(lambda text: len(text) >= shortest)
    if isinstance(annotation, type) and issubclass(annotation, Component):
        choices = [
            st.builds(lambda kind, config: {"kind": kind, **config}, st.just(kind), _nested(cls))
            for kind, cls in nested_classes(annotation).items()
        ]
        return st.one_of(choices)
    raise TypeError(f"no values for {annotation!r}")


@cache
def _nested(cls: type[Component]) -> st.SearchStrategy[dict[str, Any]]:
    filled = {name: part for name, part in parts(cls).items() if part.role in ("plain", "nested")}
    # One of its own category within it could hold another one, and so on.
    own = {name: _values(part.info) for name, part in filled.items() if part.component is None or not issubclass(cls, part.component)}
    return st.fixed_dictionaries({}, optional=own)


def _limit(limits: list[Any], kind: type, name: str, default: Any) -> Any:
    return next((getattr(each, name) for each in limits if isinstance(each, kind)), default)
