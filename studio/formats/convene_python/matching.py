"""Which node stands for which component of a program: by name, by what it means, by its place; the rest are new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from studio.engine.conditions.combined import AnyOf
from studio.engine.tools.python_tool import PythonTool
from studio.flow.document import EdgeKind, Node
from studio.flow.kinds import category, parts
from studio.formats.convene_python.base import USES, Base
from studio.formats.convene_python.made import Made, called_by, digest, wire_of
from studio.formats.python_text.functions import functions_of
from studio.formats.python_text.names import identifier

Slot = tuple[str, EdgeKind]


@dataclass(slots=True)
class Match:
    """`made` is the component of each node that takes part, by the node's id; `ids` the node of each speaker; `uses` what each
    node gets by each kind of wire, in order. `root` is the main team's id; "" when an agent stands alone. `twice` are agents that
    the program puts into two teams. `staying` are nodes of which the program does not say what became of them, `by_place` agents that
    have nothing but their place in common with what stood there."""

    made: dict[str, Made] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    uses: dict[Slot, list[str]] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    root: str = ""
    new: set[str] = field(default_factory=set)
    twice: list[Made] = field(default_factory=list)
    staying: set[str] = field(default_factory=set)
    by_place: set[str] = field(default_factory=set)


ALONE = ""
"""The owner of what an agent without a team is given."""


def match(base: Base, team: Made) -> Match:
    """Finds the node of every component; the same base and the same program always give the same ids."""
    return _Matching(base, team).done()


class _Matching:
    def __init__(self, base: Base, team: Made) -> None:
        self.base = base
        self.team = team
        self.found = Match()
        self._taken = {*base.drawing.by_id, *(edge.id for edge in base.document.edges)}
        self._speakers: set[str] = set()
        self._unknown: set[Slot] = set()
        self._by_digest: dict[str, list[str]] = {}
        for node in base.drawing.nodes:
            if category(node.kind) not in ("agent", "team", "note", "unknown"):
                self._by_digest.setdefault(base.digest(node), []).append(node.id)

    def done(self) -> Match:
        self._match_speakers()
        owners = [(self.found.ids[id(each)], each) for each in self._agents_and_teams()]
        if self.found.root == ALONE:
            owners.insert(0, (ALONE, self.team))
        while owners:
            owners = self._match_uses(owners)
        self._let_stay()
        return self.found

    # Agents and teams ------------------------------------------------------------------------------------------------

    def _agents_and_teams(self) -> Iterator[Made]:
        for each in self.team.within():
            if each.is_speaker and id(each) in self.found.ids:
                yield each

    def _match_speakers(self) -> None:
        base, found = self.base, self.found
        speakers = self._placed()
        alone = base.alone
        if alone is not None and len(self.team.members) == 1 and _is_of_one(self.team):
            self._claim(self.team.members[0], alone.id)
        elif base.main is not None:
            self._claim(self.team, base.main.id)
        else:
            self._claim(self.team, self._new(self.team, "team"))
        found.root = found.ids.get(id(self.team), ALONE)
        if found.root == ALONE:
            speakers = [(made, parent) for made, parent in speakers if made is not self.team]
        by_name: dict[str, list[Node]] = {}
        for node in base.drawing.nodes:
            if base.drawing.categories[node.id] in ("agent", "team"):
                by_name.setdefault(node.name.strip(), []).append(node)
        for made, _ in speakers:
            if id(made) not in found.ids:
                fits = [node for node in by_name.get(made.name, []) if node.id not in self._speakers and _alike(made, node)]
                fits.sort(key=lambda node: node.id not in base.used)
                if fits:
                    self._claim(made, fits[0].id)
        self._match_renamed(speakers)
        self._match_by_place(speakers)
        for made, _ in speakers:
            if id(made) not in found.ids:
                self._claim(made, self._new(made, made.name or made.cls.kind))
        for made, parent in speakers:
            found.parents[found.ids[id(made)]] = found.ids.get(id(parent)) if parent is not None else None

    def _placed(self) -> list[tuple[Made, Made | None]]:
        """Every agent and team once, with the team that it is a member of."""
        placed: list[tuple[Made, Made | None]] = []
        seen: set[int] = set()
        waiting: list[tuple[Made, Made | None]] = [(self.team, None)]
        while waiting:
            made, parent = waiting.pop(0)
            if id(made) in seen:
                self.found.twice.append(made)
                continue
            seen.add(id(made))
            placed.append((made, parent))
            waiting += [(member, made) for member in made.members]
            called = [each for tool in made.uses.get("tool", []) if (each := called_by(tool)) is not None]
            waiting += [(each, None) for each in called if id(each) not in seen and all(each is not other for other, _ in waiting)]
        return placed

    def _match_renamed(self, speakers: list[tuple[Made, Made | None]]) -> None:
        """An agent with another name: its variable still bears the old one, or nothing else of it changed."""
        base = self.base
        open_nodes = [node for node in base.drawing.nodes if node.id in base.used and category(node.kind) in ("agent", "team")]
        for made, _ in speakers:
            if id(made) in self.found.ids:
                continue
            free = [node for node in open_nodes if node.id not in self._speakers and _alike(made, node)]
            same_variable = [node for node in free if identifier(node.name, category(node.kind)) == made.variable]
            nodes = same_variable or [node for node in free if node.kind == made.cls.kind and base.digest(node) == digest(made)]
            if nodes:
                self._claim(made, nodes[0].id)

    def _match_by_place(self, speakers: list[tuple[Made, Made | None]]) -> None:
        """An agent with another name and other words, at its place in a team of as many members as before."""
        for made, _ in speakers:
            team = self.base.drawing.by_id.get(self.found.ids.get(id(made), ""))
            before = self.base.drawing.agents_in(team) if team is not None and made.members else ()
            if len(before) != len(made.members):
                continue
            for node, member in zip(before, made.members, strict=True):
                if id(member) not in self.found.ids and node.id not in self._speakers and node.kind == member.cls.kind:
                    self._claim(member, node.id)
                    self.found.by_place.add(node.id)

    def _claim(self, made: Made, node: str) -> None:
        if "name" in made.unsure and (was := self.base.drawing.by_id.get(node)) is not None:
            made.name = was.name.strip() or made.name
        self.found.ids[id(made)] = node
        self.found.made[node] = made
        self._speakers.add(node)

    def _let_stay(self) -> None:
        """What a program gives somebody that only running would tell stays as it was, with all that it is made of."""
        base, found = self.base, self.found
        if base.hints is not None:
            return
        waiting = [node for (owner, kind), ids in found.uses.items() if (owner, kind) in self._unknown for node in ids]
        for node, made in found.made.items():
            if "participants" in made.unsure and node in base.drawing.by_id:
                waiting += [member.id for member in base.drawing.agents_in(base.drawing.by_id[node])]
        while waiting:
            node = waiting.pop()
            if node in found.made or node in found.staying:
                continue
            found.staying.add(node)
            for kind, several in base.uses(base.drawing.by_id[node]).items():
                found.uses[node, kind] = [each.id for each in several]
                waiting += found.uses[node, kind]
            if base.drawing.categories[node] == "team":
                waiting += [member.id for member in base.drawing.agents_in(base.drawing.by_id[node])]

    # What they use ---------------------------------------------------------------------------------------------------

    def _match_uses(self, owners: list[tuple[str, Made]]) -> list[tuple[str, Made]]:
        """Finds the nodes of all that these owners use; gives what is made of others in its turn."""
        slots = [slot for owner, made in owners for slot in self._slots(owner, made)]
        for step in (
            _Slot.same_there,
            _Slot.same_anywhere,
            _Slot.same_name,
            _Slot.same_kind,
            _Slot.same_turn,
            _Slot.same_place,
            _Slot.made_before,
        ):
            for slot in slots:
                step(slot)
        below: dict[str, Made] = {}
        for slot in slots:
            ids = slot.finished()
            self.found.uses[slot.owner, slot.kind] = list(dict.fromkeys(ids))
            below |= {node: made for node, made in zip(ids, slot.wanted, strict=True) if not made.is_speaker and made.uses}
        return [(node, made) for node, made in below.items() if not any((node, kind) in self.found.uses for kind in USES)]

    def _slots(self, owner: str, made: Made) -> Iterator[_Slot]:
        node = self.base.drawing.by_id.get(owner)
        had = self.base.uses_alone() if owner == ALONE else self.base.uses(node) if node is not None else {}
        unknown = _unknown_wires(made) if self.base.hints is None else set()
        for kind in USES:
            wanted, before = made.uses.get(kind, []), had.get(kind, [])
            if kind in unknown:
                self.found.uses[owner, kind] = [each.id for each in before]
                self._unknown.add((owner, kind))
                continue
            if kind == "stop" and made.is_speaker and not (len(before) == 1 and before[0].kind == AnyOf.kind):
                wanted = _apart(wanted)
            if kind == "tool":
                wanted = [called_by(tool) or tool for tool in wanted]
            if wanted or before:
                yield _Slot(self, owner, kind, before, wanted)

    def _new(self, made: Made, wanted: str) -> str:
        """An id for a new node, made from its name: reading the same program again gives the same ids."""
        number = 0
        while True:
            name = hashlib.sha256(f"{made.cls.kind} {wanted} {number}".encode("utf-8", "surrogatepass")).hexdigest()[:10]
            if f"n_{name}" not in self._taken:
                self._taken.add(f"n_{name}")
                self.found.new.add(f"n_{name}")
                return f"n_{name}"
            number += 1


class _Slot:
    """What one owner gets by one kind of wire: the nodes that it had, and the components that the program gives it."""

    def __init__(self, of: _Matching, owner: str, kind: EdgeKind, had: list[Node], wanted: list[Made]) -> None:
        self.of, self.owner, self.kind, self.had, self.wanted = of, owner, kind, had, wanted
        self.ids: list[str] = [of.found.ids.get(id(made), "") if made.is_speaker else "" for made in wanted]

    def _open(self) -> Iterator[tuple[int, Made]]:
        return ((at, made) for at, made in enumerate(self.wanted) if not self.ids[at])

    def _free(self, made: Made) -> list[Node]:
        """The nodes that it had and that nobody has taken for something else yet."""
        taken = self.of.found.made
        open_nodes = [node for node in self.had if node.id not in self.ids]
        return [node for node in open_nodes if node.id not in taken or digest(taken[node.id]) == digest(made)]

    def _take(self, at: int, node: str) -> None:
        self.ids[at] = node
        self.of.found.made.setdefault(node, self.wanted[at])

    def same_there(self) -> None:
        for at, made in self._open():
            wanted = digest(made)
            fits = [node for node in self.had if node.id not in self.ids and self.of.base.digest(node) == wanted]
            if fits:
                self._take(at, fits[0].id)

    def same_anywhere(self) -> None:
        for at, made in self._open():
            wanted = digest(made)
            for node in self.of._by_digest.get(wanted, []):
                other = self.of.found.made.get(node)
                if node not in self.ids and (other is None or digest(other) == wanted):
                    self._take(at, node)
                    break

    def same_name(self) -> None:
        for at, made in self._open():
            called = function_of(made) if made.cls is PythonTool else made.variable
            for node in self._free(made):
                if node.kind == made.cls.kind and called and called in (identifier(node.name, self.kind), self.of.base.function(node)):
                    self._take(at, node.id)
                    break

    def same_kind(self) -> None:
        for at, made in self._open():
            # A tool with another function is another tool.
            fits = [node for node in self._free(made) if node.kind == made.cls.kind and (made.cls is not PythonTool or not node.name)]
            if fits:
                self._take(at, fits[0].id)

    def same_turn(self) -> None:
        """A tool among as many as before whose function has another name now."""
        if self.kind != "tool" or len(self.had) != len(self.wanted):
            return
        for at, made in self._open():
            node = self.had[at]
            if made.cls is PythonTool and node.kind == made.cls.kind and node in self._free(made):
                self._take(at, node.id)

    def same_place(self) -> None:
        """Where there is only one, it becomes another kind."""
        if self.kind == "model" and len(self.wanted) == 1 and not self.ids[0] and len(free := self._free(self.wanted[0])) == 1:
            self._take(0, free[0].id)

    def made_before(self) -> None:
        """What is new and equal to something else that is new is the same."""
        for at, made in self._open():
            wanted = digest(made)
            for node in sorted(self.of.found.new):
                other = self.of.found.made.get(node)
                if other is not None and other.cls is made.cls and node not in self.ids and digest(other) == wanted:
                    self._take(at, node)
                    break

    def finished(self) -> list[str]:
        for at, made in self._open():
            # Two slots of one round may give birth to the same component.
            self.made_before()
            if not self.ids[at]:
                self._take(at, self.of._new(made, made.variable or f"{self.owner} {self.kind} {digest(made)}"))
        return self.ids


def _unknown_wires(made: Made) -> set[EdgeKind]:
    """The kinds of wires of which only running would tell what they bring."""
    wired = (part for name, part in parts(made.cls).items() if name in made.unsure and part.role == "wired")
    return {wire_of(part.component) for part in wired if part.component is not None}


def _is_of_one(team: Made) -> bool:
    """Whether a team says no more than an agent alone on the canvas: it answers once, or until a rule is met."""
    has_rules = bool(team.uses.get("stop"))
    own = {name: value for name, value in team.own.items() if not (name == "max_turns" and value == 1 and not has_rules)}
    return team.cls.kind == "team" and team.name == "team" and not own and not team.arrows and (has_rules or team.own.get("max_turns") == 1)


def _apart(rules: list[Made]) -> list[Made]:
    """Several rules of a team count as any of them, and need no node of their own for that."""
    several = rules[0].uses.get("stop", []) if len(rules) == 1 and rules[0].cls is AnyOf else []
    return several if len(several) > 1 else rules


def _alike(made: Made, node: Node) -> bool:
    return (category(node.kind) == "team") == (made.cls.category == "team")


def function_of(made: Made) -> str:
    """The name of a Python tool's function."""
    functions = functions_of(str(made.own.get("source", "")))
    return functions.function if functions is not None else made.variable
