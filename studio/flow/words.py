"""What a drawing says of a node in words: its one line and its chips."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from studio.engine.component import Component
from studio.engine.models.practice import PracticeModel
from studio.flow.catalogue.titles import kind_summary, kind_title
from studio.flow.document import Edge, Node
from studio.flow.held import functions, nested_class, signature, value
from studio.flow.kinds import drawn_class
from studio.flow.ports import label
from studio.flow.turn_limit import own_limit
from studio.flow.wires import Drawing
from studio.texts import catalogue, text

MAX_LINE = 90
MAX_CHIPS = 4
MAX_CHIP = 80


def title(node: Node) -> str:
    """What it is: the kind's title; of a team, how it chooses who speaks."""
    found = drawn_class(node.kind)
    if found is None:
        return node.kind
    if found.kind != "team":
        return kind_title(found)
    chosen = nested_class(node, "selection")
    return kind_title(chosen) if chosen is not None else kind_title(found)


def line(node: Node, drawing: Drawing) -> str:
    """The one line of what a node is for; empty when there is nothing to say."""
    match drawing.categories[node.id]:
        case "agent":
            return shorten(_agent_line(node), MAX_LINE)
        case "model":
            asked = _listed([label(each) for each in drawing.into(node, "model")], "and")
            return shorten(text("words.asks", names=asked) if asked else model_line(node), MAX_LINE)
        case "tool":
            return shorten(_tool_line(node), MAX_LINE)
        case "memory":
            return shorten(_memory_line(node), MAX_LINE)
        case "condition":
            return shorten(text("words.stops_at", what=rule(node, drawing)), MAX_LINE)
        case "team":
            return shorten(_word(node.config.get("description")), MAX_LINE)
        case _:
            return ""


def _memory_line(node: Node) -> str:
    """The documents in it, or the first thing that it knows."""
    documents = node.config.get("documents")
    if isinstance(documents, (list, tuple)):
        return ", ".join(_word(each.get("name")) for each in documents[:20] if isinstance(each, Mapping))
    known = node.config.get("facts", node.config.get("texts"))
    return next((_word(each) for each in known if _word(each)), "") if isinstance(known, (list, tuple)) else ""


def chips(node: Node, drawing: Drawing) -> list[str]:
    """What a node uses: an agent's model, tools and where its code runs; of a team who chooses, and when it stops."""
    match drawing.categories[node.id]:
        case "team":
            return _team_chips(node, drawing)
        case "agent":
            found = _agent_chips(node, drawing)
            if len(found) > MAX_CHIPS:
                found = [*found[: MAX_CHIPS - 1], text("words.more", count=len(found) - MAX_CHIPS + 1)]
            return [shorten(chip, MAX_CHIP) for chip in found]
        case _:
            return []


def _team_chips(team: Node, drawing: Drawing) -> list[str]:
    """Who chooses and when it stops; of a filter what its member hears, of a chat what it hands on."""
    if team.kind == "filter":
        rows = value(team, "hears")
        names = [_word(row.get("source")) for row in rows if isinstance(row, Mapping)] if isinstance(rows, (list, tuple)) else []
        heard = [name for name in names if name] + ([text("words.hears.task")] if value(team, "hears_task") is True else [])
        return [shorten(text("words.hears", names=_listed(heard, "and")) if heard else text("words.hears.nothing"), MAX_CHIP)]
    chips = [team_chooses(team), team_stops(team, drawing)]
    if drawing.excludes(team) and drawing.speaks(team):
        chips.insert(1, text("words.arrows.disallowed"))
    if team.kind == "chat":
        chips.append(catalogue().get(f"words.hands_on.{_word(value(team, 'summarised'))}", ""))
    return [chip for chip in chips if chip]


def team_chooses(team: Node) -> str:
    """`model chooses`, `everybody in turn` …"""
    chosen = nested_class(team, "selection")
    if chosen is None:
        return text("words.chooses.unknown")
    return catalogue().get(f"words.chooses.{chosen.kind}", kind_title(chosen))


def team_stops(team: Node, drawing: Drawing) -> str:
    """When a team stops: `stops at “DONE” or 12 turns`, `stops at 300 messages, or after 50 turns`; without a rule, its safety net."""
    if not drawing.stops_of(team):
        return _of_turns("words.at_most", value(team, "max_turns"))
    most = own_limit(team, drawing)
    net = _of_turns("words.or_after", most) if most is not None else ""
    return shorten(text("words.stops_at", what=team_rules(team, drawing)), MAX_CHIP - len(net)) + net


def team_rules(team: Node, drawing: Drawing) -> str:
    """The stop rules of a team as a noun, any of which ends it."""
    return _joined(drawing.stops_of(team), drawing, "or", set())


def _of_turns(key: str, count: Any) -> str:
    return text(f"{key}.one" if count == 1 else key, count=_amount(count))


def rule(node: Node, drawing: Drawing, seen: set[str] | None = None) -> str:
    """A stop rule as a noun: `“DONE”`, `12 turns`, `“OK” by critic and 3 turns`."""
    seen = (seen or set()) | {node.id}
    match node.kind:
        case "text_mention":
            said = text("words.said", word=shorten(_word(value(node, "text")), 40))
            sources = [name for name in _items(value(node, "sources")) if name]
            return text("words.said_by", what=said, names=_listed(sources, "or")) if sources else said
        case "any_of" | "all_of":
            parts_of = tuple(part for part in drawing.into(node, "stop") if part.id not in seen)
            if not parts_of:
                return text("words.no_rules")
            joined = _joined(parts_of, drawing, "or" if node.kind == "any_of" else "and", seen)
            return f"({joined})" if len(parts_of) > 1 and len(seen) > 1 else joined
        case "token_limit":
            limits = [value(node, name) for name in ("total", "prompt", "completion")]
            first = next((item for item in limits if item is not None), None)
            return text("words.rule.token_limit", amount=_amount(first))
        case "said_by":
            names = [name for name in _items(value(node, "sources")) if name]
            return text("words.rule.said_by", names=_listed(names, "or")) if names else text("words.rule.said_by.anybody")
        case "tool_used":
            return text("words.rule.tool_used", name=_word(value(node, "name")) or "?")
        case "done" | "loop_detector":
            return text(f"words.rule.{node.kind}")
        case "function_rule":
            signed = signature(value(node, "source"))
            return signed[0] if signed else label(node)
        case "max_messages" | "max_turns" | "money_limit" | "hand_off" | "time_limit":
            held = value(node, _RULE_FIELDS[node.kind])
            key = f"words.rule.{node.kind}" + (".one" if held == 1 and node.kind.startswith("max_") else "")
            return text(key, amount=_RULE_AMOUNTS.get(node.kind, _amount)(held))
        case _:
            return label(node)


_RULE_FIELDS: Mapping[str, str] = {
    "max_messages": "max_messages",
    "max_turns": "max_turns",
    "money_limit": "dollars",
    "hand_off": "target",
    "time_limit": "seconds",
}


def arrow(edge: Edge) -> str:
    """What an arrow of a graph says: `“yes”`, `otherwise`, `visits > 3`; empty when it is always taken."""
    condition, how = _word(edge.config.get("condition")), edge.config.get("how", "contains")
    if how == "otherwise":
        return text("words.arrow.otherwise")
    if not condition:
        return ""
    return shorten(condition if how == "expression" else text(f"words.arrow.{how}", text=condition), 40)


def join(edge: Edge, drawing: Drawing) -> str:
    """`all` or `any` for an arrow of a graph where several arrows meet; empty for every other wire."""
    target = drawing.by_id.get(edge.target)
    team = drawing.team_of(target) if target is not None and edge.kind == "speaks" else None
    if target is None or team is None or len(drawing.into(target, "speaks")) < 2:
        return ""
    chosen = nested_class(team, "selection")
    if chosen is None or chosen.kind != "graph":
        return ""
    return "any" if edge.config.get("join") == "any" else "all"


SERVED = frozenset({"openai", "anthropic", "gemini"})
"""Models that somebody serves: an account and a name on its server."""


def model_line(node: Node) -> str:
    """`account · model`, or what a model that needs neither does."""
    if node.kind in SERVED:
        model = _word(value(node, "model")) or text("words.default_model")
        return " · ".join(item for item in (_word(value(node, "account")), model) if item)
    if node.kind == "practice":
        script = value(node, "script") or PracticeModel.stand_in("script", node.config)
        names = len(script) if isinstance(script, Mapping) else 0
        return text("words.practice.one" if names == 1 else "words.practice", count=names) if names else text("words.practice.empty")
    found = drawn_class(node.kind)
    return found.summary if found is not None else ""


def shorten(words: str, most: int) -> str:
    """One line of at most so many characters, cut at a word."""
    flat = " ".join(words.split())
    if len(flat) <= most:
        return flat
    cut = flat[: most - 1]
    at = cut.rfind(" ")
    return (cut[:at] if at > most // 2 else cut).rstrip(" ,;:·") + "…"


def _agent_line(node: Node) -> str:
    if described := _word(value(node, "description")):
        return described
    if node.kind == "assistant":
        return _first_sentence(_word(value(node, "system_message")))
    if node.kind == "human":
        return catalogue().get(f"words.human.{_word(value(node, 'input_mode'))}", "")
    found = drawn_class(node.kind)
    return found.summary if found is not None else ""


def _agent_chips(node: Node, drawing: Drawing) -> list[str]:
    found = []
    if own := drawing.own_model(node):
        found.append(_model_chip(own))
    for tool in drawing.tools_of(node):
        offered = functions(tool)
        found.append(offered[0][0] if len(offered) == 1 else label(tool))
    if value(node, "guards"):
        found.append(text("words.guarded"))
    where = nested_class(node, "executor")
    if where is not None:
        key = "words.runs_code" if node.kind == "human" else "words.runs_in"
        found.append(text(key, where=kind_title(where)))
    return found


def _model_chip(node: Node) -> str:
    if node.kind in SERVED:
        return _word(value(node, "model")) or _word(value(node, "account")) or label(node)
    found = drawn_class(node.kind)
    return kind_title(found) if found is not None else label(node)


def _tool_line(node: Node) -> str:
    if node.kind == "mcp":
        return _server_line(node)
    if node.kind == "web_search":
        provider = nested_class(node, "provider")
        return kind_title(provider) if provider is not None else ""
    if node.kind == "web_browser" and (start := _word(value(node, "start_page"))):
        return start
    offered = functions(node)
    if len(offered) == 1 and node.kind in ("python_tool", "http_tool"):
        called, says = offered[0]
        return says or called
    if node.kind == "openapi_tool" and offered:
        return text("words.functions.one" if len(offered) == 1 else "words.functions", count=len(offered), first=offered[0][0])
    found = drawn_class(node.kind)
    return kind_summary(found) if found is not None and node.kind != "python_tool" else ""


def _server_line(node: Node) -> str:
    """The program or the address of an MCP server."""
    held = value(node, "transport")
    held = held.model_dump() if isinstance(held, Component) else held
    return (_word(held.get("url")) or _word(held.get("command"))) if isinstance(held, Mapping) else ""


def _first_sentence(words: str) -> str:
    flat = " ".join(words.split())
    found = re.match(r"(.{8,}?[.!?。！？])(?:\s|$)", flat)
    sentence = found.group(1) if found else flat
    return sentence.rstrip(".。")


def _joined(rules: tuple[Node, ...], drawing: Drawing, word: str, seen: set[str]) -> str:
    return _listed([rule(part, drawing, seen) for part in rules], word)


def _listed(items: list[str], word: str) -> str:
    return f" {text(f'words.{word}')} ".join(items)


def _word(held: Any) -> str:
    return held.strip() if isinstance(held, str) else ""


def _items(held: Any) -> list[str]:
    return [item for item in held if isinstance(item, str)] if isinstance(held, (list, tuple)) else []


def _amount(held: Any) -> str:
    if isinstance(held, bool) or not isinstance(held, (int, float)):
        return _word(held) or "?"
    return f"{held:,.0f}" if abs(held) < 1e15 and held == held // 1 else f"{held:,.6g}"


def _dollars(held: Any) -> str:
    if isinstance(held, bool) or not isinstance(held, (int, float)):
        return "?"
    return f"{held:,.2f}" if held >= 0.01 or held <= 0 else f"{held:.4g}"


def _duration(held: Any) -> str:
    if isinstance(held, bool) or not isinstance(held, (int, float)):
        return "?"
    for seconds, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if held >= seconds:
            return text(f"words.{unit}", amount=f"{held / seconds:.3g}")
    return text("words.seconds", amount=f"{held:.3g}")


_RULE_AMOUNTS = {"money_limit": _dollars, "time_limit": _duration}
