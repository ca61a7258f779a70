"""Pictures of flows: well formed, bounded, drawn as the canvas draws, and harmless whatever people wrote."""

from __future__ import annotations

import re
import struct
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.flow.document import Edge, FlowDocument, Node, Position, Size
from studio.flow.sizes import Box
from studio.formats.picture.icons import CATEGORIES, KINDS
from studio.formats.picture.measuring import clipped, width, wrapped
from studio.formats.picture.raster import PictureLibraryMissing, to_png
from studio.formats.picture.tokens import TOKENS, mix
from studio.formats.picture.wires import ends
from studio.formats.picture.write import MAX_SIDE, losses, to_svg
from studio.library.templates import template, templates

ASSETS = Path(__file__).parents[2] / "assets" / "studio"
SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {f"{SVG}{name}" for name in ("svg", "title", "metadata", "rect", "path", "circle", "text")}


def drawn(document: FlowDocument, theme: str = "light") -> ElementTree.Element:
    """The picture as a tree: nothing but shapes and words, and no reference to anything."""
    svg = to_svg(document, theme)  # type: ignore[arg-type]
    tree = ElementTree.fromstring(svg)
    assert {each.tag for each in tree.iter()} <= ELEMENTS
    for each in tree.iter():
        assert not any(name.lower().startswith("on") or name.endswith("href") or name in ("style", "class") for name in each.attrib)
        assert not any("url(" in value or "nan" in value or "inf" in value for value in each.attrib.values())
    return tree


def texts(tree: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in tree.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", [each.id for each in templates()])
def test_every_template_is_drawn_with_all_its_names(name: str) -> None:
    found = template(name)
    assert found is not None
    said = texts(drawn(found.document, "dark"))
    for node in found.document.nodes:
        if node.kind in ("assistant", "human", "team"):
            assert any(each.rstrip("…") and node.name.startswith(each.rstrip("…")) for each in said), node.name


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows())
def test_any_flow_is_drawn(flow: FlowDocument) -> None:
    drawn(flow)
    assert losses(flow) == ()


FAR = st.floats(allow_nan=False) | st.sampled_from([1e308, -1e308, float("inf"), 0.0])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(FAR, FAR, FAR), min_size=1, max_size=5), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_no_place_and_no_text_breaks_a_picture(places: list[tuple[float, float, float]], says: str) -> None:
    kinds = ("team", "assistant", "note", "openai", "strange")
    nodes = tuple(
        Node(
            id=f"n_{at}",
            kind=kinds[at % 5],
            name=says,
            config={"text": says, "description": says},
            position=Position(x=x, y=y),
            size=Size(width=size, height=size) if kinds[at % 5] in ("team", "note") else None,
            parent="n_0" if at else None,
        )
        for at, (x, y, size) in enumerate(places)
    )
    tree = drawn(FlowDocument(name=says, nodes=nodes, edges=(Edge(id="e_1", kind="speaks", source="n_0", target="n_0"),)))
    assert 0 < float(tree.attrib["width"]) <= MAX_SIDE
    assert 0 < float(tree.attrib["height"]) <= MAX_SIDE


def test_what_people_write_stays_text() -> None:
    evil = '</text><script>alert(1)</script><!ENTITY x "y">]]>&x;\x00\x0b'
    node = Node(id="n_a", kind="assistant", name="ann", config={"description": evil})
    tree = drawn(FlowDocument(name=evil, nodes=(node,)))
    assert any("<script>" in each or "</text>" in each for each in texts(tree))


def test_the_colours_are_those_of_the_theme() -> None:
    light, dark = (ASSETS / "theme.css").read_text("utf-8").split(":root.dark")
    for tokens, css in ((TOKENS["light"], light), (TOKENS["dark"], dark)):
        assert dict(tokens) == {name: re.findall(rf"--{name}: (#[0-9a-f]{{6}});", css)[0] for name in tokens}
    assert mix("#ffffff", "#000000", 0.5) == "#808080"


def test_the_icons_are_those_of_the_canvas() -> None:
    source = (ASSETS / "icons.jsx").read_text("utf-8")
    known = dict(re.findall(r'^  (\w+): <path d="([^"]+)" />', source, re.MULTILINE))

    def numbers(path: str) -> list[str | float]:
        return [float(each) if each[-1].isdigit() else each for each in re.findall(r"-?\d*\.?\d+|[A-Za-z]", path)]

    assert KINDS.keys() <= known.keys()
    for name, path in {**KINDS, **CATEGORIES}.items():
        assert numbers(path) == numbers(known[name]), name


def test_boxes_that_face_each_other_are_joined_straight() -> None:
    first, last = ends(Box(0, 0, 100, 50), Box(200, 10, 100, 50))
    assert (first.x, first.side, last.x, last.side) == (100, "right", 197, "left")
    assert first.y == last.y == 30
    above, below = ends(Box(0, 0, 100, 50), Box(0, 100, 100, 50))
    assert (above.y, above.side, below.y, below.side) == (50, "bottom", 97, "top")


@pytest.mark.parametrize(("x", "y", "side"), [(20, 120, "left"), (490, 120, "right"), (250, 250, "bottom"), (250, 30, "top")])
def test_a_wire_from_within_a_team_ends_at_the_nearest_side_of_its_frame(x: float, y: float, side: str) -> None:
    rule, team = Box(x, y, 100, 40), Box(0, 0, 600, 300)
    here, there = ends(rule, team)
    assert here.side == side
    assert here.x == there.x or here.y == there.y
    assert min(there.x, 600 - there.x, there.y, 300 - there.y) == 3
    back = ends(team, rule)
    assert (back[0].side, back[1].side) == (there.side, here.side)


def test_text_is_cut_and_wrapped_where_it_fits() -> None:
    assert clipped("short", 12, 200) == "short"
    assert width(clipped("a long line of words " * 9, 12, 100), 12) <= 100
    lines = wrapped("研究员负责查找资料并核对来源然后写出结论", 12, 72, 2)
    assert len(lines) == 2
    assert lines[0] == "研究员负责查"
    assert lines[1].endswith("…")
    assert wrapped("one two three", 12, 40, 3) == ["one", "two", "three"]


def test_without_the_library_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(PictureLibraryMissing, match="convene-studio\\[png\\]"):
        to_png(FlowDocument())


def test_a_large_picture_is_drawn_smaller() -> None:
    nodes = tuple(Node(id=f"n_{at}", kind="assistant", name=f"a{at}", position=Position(x=at * 20_000)) for at in range(3))
    picture = to_png(FlowDocument(nodes=nodes))
    width, height = struct.unpack_from(">II", picture, 16)
    assert max(width, height) <= 8_000
    assert width * height <= 16_000_000


def test_more_than_fits_into_a_picture_is_left_out_and_said() -> None:
    notes = tuple(Node(id=f"n_{at}", kind="note", config={"text": "x" * 20_000}) for at in range(160))
    flow = FlowDocument(name="Large", nodes=notes)
    assert "<metadata" not in to_svg(flow)
    assert [finding.level for finding in losses(flow)] == ["decision"]


def test_who_may_not_speak_next_is_drawn_dashed_and_crossed_out() -> None:
    def strokes(**team: str) -> tuple[int, int]:
        nodes = (
            Node(id="n_t", kind="team", name="team", config={"selection": {"kind": "manual"}, **team}),
            *(
                Node(id=f"n_{name}", kind="assistant", name=name, parent="n_t", position=Position(x=at))
                for name, at in (("ann", 20), ("bob", 320))
            ),
        )
        picture = to_svg(FlowDocument(name="Crossed", nodes=nodes, edges=(Edge(id="e", kind="speaks", source="n_ann", target="n_bob"),)))
        return picture.count('stroke-dasharray="6 4"'), picture.count(TOKENS["light"]["error"])

    assert strokes() == (0, 0)
    assert strokes(transitions_type="disallowed") == (1, 3)
