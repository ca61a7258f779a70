"""AutoGen's surfers come in as assistants with the tool that they have built in, and go out as what they were."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from autogen_peer import loaded_by_autogen
from autogen_samples import assistant, component, model, team, termination, written

from studio.engine.agents.surfers import START_PAGE, VIDEO_SURFER, VIDEO_SURFER_DESCRIPTION, WEB_SURFER
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.findings import Finding, Imported
from studio.flow.resolve import resolve
from studio.formats.autogen_json.read import from_autogen
from studio.formats.autogen_json.write import losses as json_losses
from studio.formats.autogen_json.write import to_autogen
from studio.formats.autogen_python.write import losses, to_autogen_python
from studio.formats.convene_python.read import from_python
from studio.formats.convene_python.write import to_python
from studio.formats.recognise import read_bytes

TOOLS = ("web_browser", "files")


def web_surfer(**config: Any) -> dict[str, Any]:
    """As AutoGen Studio's own gallery has one."""
    own = {
        "name": "websurfer_agent",
        "model_client": model(),
        "description": "an agent that solves tasks by browsing the web",
        "headless": True,
        "start_page": "https://www.bing.com/",
        "animate_actions": False,
        "to_save_screenshots": False,
        "use_ocr": False,
        "to_resize_viewport": True,
    }
    return component("autogen_ext.agents.web_surfer.MultimodalWebSurfer", "agent", own | config)


def file_surfer(**config: Any) -> dict[str, Any]:
    own = {"name": "file_surfer", "model_client": model(), "description": "It looks into files."}
    return component("autogen_ext.agents.file_surfer.FileSurfer", "agent", own | config)


def web_agents() -> dict[str, Any]:
    stop = termination("OrTerminationCondition", conditions=[termination("MaxMessageTermination", max_messages=20)])
    proxy = component("autogen_agentchat.agents.UserProxyAgent", "agent", {"name": "user_proxy", "description": "a human user"})
    members = (web_surfer(), assistant("verifier"), proxy)
    return team(*members, kind="SelectorGroupChat", model_client=model(), selector_prompt="Choose {roles}.", termination_condition=stop)


def read(value: Any) -> Imported:
    (imported,) = from_autogen(written(value))
    return imported


def script(source: str) -> Imported:
    (imported,) = read_bytes(source.encode(), "script.py").flows
    return imported


def node(document: FlowDocument, kind: str) -> Node:
    (found,) = [each for each in document.nodes if each.kind == kind]
    return found


def said(findings: Any, code: str) -> list[Finding]:
    return [finding for finding in findings if finding.code == code]


def test_the_gallerys_web_agents_open_with_a_browser_and_nothing_unknown() -> None:
    imported = read(web_agents())
    assert not [each for each in imported.document.nodes if each.kind.startswith(("autogen:", "python:"))]
    surfer = next(each for each in imported.document.nodes if each.name == "websurfer_agent")
    assert surfer.kind == "assistant"
    assert surfer.config == {
        "description": "an agent that solves tasks by browsing the web",
        "system_message": WEB_SURFER,
        "max_tool_rounds": 1,
        "after_tools": "results",
    }
    browser = node(imported.document, "web_browser")
    assert browser.config == {"start_page": START_PAGE}
    assert [(edge.kind, edge.target) for edge in imported.document.edges if edge.source == browser.id] == [("tool", surfer.id)]
    assert any("one action a turn" in finding.text for finding in imported.report.findings)
    assert not said(imported.report.findings, "field_lost")
    assert resolve(imported.document).participants[0].tools[0].kind == "web_browser"  # type: ignore[attr-defined]


def test_what_a_surfer_says_beside_is_in_the_report() -> None:
    imported = read(web_surfer(headless=False, downloads_folder="files", start_page="about:blank", browser_channel="chrome", debug_dir="d"))
    assert node(imported.document, "web_browser").config == {"start_page": "", "downloads": True}
    lost = {finding.text for finding in said(imported.report.findings, "field_lost")}
    assert {word for word in ("headless", "browser_channel", "debug_dir") if any(word in text for text in lost)} == {
        "headless",
        "browser_channel",
        "debug_dir",
    }
    assert said(imported.report.findings, "downloads_folder")


@pytest.mark.parametrize("start", ["file:///etc/passwd", "javascript:alert(1)", "x" * 3_000])
def test_a_start_page_that_is_none_is_not_taken(start: str) -> None:
    imported = read(web_surfer(start_page=start))
    assert node(imported.document, "web_browser").config == {"start_page": START_PAGE}
    assert said(imported.report.findings, "field_lost")


@pytest.mark.parametrize("version", ["0.5", "0.7"])
def test_surfers_go_out_as_they_came_in(version: str) -> None:
    imported = read(team(web_surfer(start_page="https://example.com/"), file_surfer()))
    found = json.loads(to_autogen(imported.document, version))
    web, files = found["config"]["participants"]
    assert web["provider"] == "autogen_ext.agents.web_surfer.MultimodalWebSurfer"
    assert web["config"]["start_page"] == "https://example.com/"
    assert files["provider"] == "autogen_ext.agents.file_surfer.FileSurfer"
    assert {finding.code for finding in json_losses(imported.document, version)} >= {"lost_web_surfer", "lost_file_surfer"}
    again = read(found).document
    kinds = [(each.kind, each.name, each.config) for each in imported.document.nodes if each.parent or each.kind in TOOLS]
    assert [(each.kind, each.name, each.config) for each in again.nodes if each.parent or each.kind in TOOLS] == kinds


def test_real_autogen_loads_the_surfer_and_its_own_file_means_the_same_to_us() -> None:
    first = read(team(web_surfer(start_page="https://example.com/"))).document
    (dumped,) = loaded_by_autogen("0.7", [to_autogen(first)])
    if isinstance(dumped, str) and "No module named" in dumped:
        pytest.skip(f"this AutoGen was installed without what its surfer needs: {dumped}")
    second = read(dumped).document
    kept = sorted((each.kind, each.name, str(each.config)) for each in first.nodes if each.parent or each.kind in TOOLS)
    assert sorted((each.kind, each.name, str(each.config)) for each in second.nodes if each.parent or each.kind in TOOLS) == kept


SCRIPT = """
import asyncio
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_ext.agents.file_surfer import FileSurfer
from autogen_ext.agents.web_surfer import MultimodalWebSurfer
from autogen_ext.models.openai import OpenAIChatCompletionClient

client = OpenAIChatCompletionClient(model="gpt-4o")
surfer = MultimodalWebSurfer(name="surfer", model_client=client, start_page="https://example.com/", headless=False)
files = FileSurfer("files", client, base_path="docs")


async def main() -> None:
    team = RoundRobinGroupChat([surfer, files], max_turns=3)
    await team.run(task="Find the pear shop.")
    await surfer.close()


asyncio.run(main())
"""


def test_a_script_with_surfers_opens_and_goes_out_again() -> None:
    imported = script(SCRIPT)
    assert {each.kind for each in imported.document.nodes} == {"team", "openai", "assistant", "web_browser", "files"}
    assert node(imported.document, "web_browser").config == {"start_page": "https://example.com/"}
    assert node(imported.document, "files").config == {"access": "read"}
    assert any("headless" in finding.text for finding in said(imported.report.findings, "field_lost"))
    assert any("base_path" in finding.text for finding in imported.report.findings)
    code = to_autogen_python(imported.document)
    ast.parse(code)
    for line in (
        "from autogen_ext.agents.file_surfer import FileSurfer",
        "from autogen_ext.agents.web_surfer import MultimodalWebSurfer",
        'start_page="https://example.com/"',
    ):
        assert line in code
    again = script(code).document
    assert sorted((each.kind, each.name) for each in again.nodes) == sorted((each.kind, each.name) for each in imported.document.nodes)


VIDEO = """
import asyncio
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_ext.agents.video_surfer import VideoSurfer
from autogen_ext.models.openai import OpenAIChatCompletionClient

client = OpenAIChatCompletionClient(model="gpt-4o")
surfer = VideoSurfer("surfer", client{})


async def main() -> None:
    team = RoundRobinGroupChat([surfer], max_turns=3)
    await team.run(task="What does she say in film.mp4?")


asyncio.run(main())
"""


def test_a_script_with_a_video_surfer_opens_and_goes_out_again() -> None:
    imported = script(VIDEO.format(', system_message="Only quotes."'))
    surfer = node(imported.document, "assistant")
    assert surfer.config == {
        "description": VIDEO_SURFER_DESCRIPTION,
        "system_message": "Only quotes.",
        "max_tool_rounds": 1,
        "after_tools": "results",
    }
    assert node(imported.document, "video").config == {}
    assert said(imported.report.findings, "differs.video_surfer") or any(
        "one action a turn" in each.text for each in imported.report.findings
    )
    code = to_autogen_python(imported.document)
    assert "from autogen_ext.agents.video_surfer import VideoSurfer" in code
    assert 'system_message="Only quotes."' in code
    assert said(losses(imported.document), "lost_video_surfer")
    again = script(code).document
    kinds = sorted((each.kind, each.name, str(each.config)) for each in imported.document.nodes)
    assert sorted((each.kind, each.name, str(each.config)) for each in again.nodes) == kinds
    own = to_python(imported.document).text
    assert "Video()" in own
    assert from_python(own, imported.document).document == imported.document


def test_a_video_surfer_with_other_tools_is_an_assistant_with_those() -> None:
    source = VIDEO.format(", tools=[add]").replace(
        "surfer =", 'def add(a: int) -> int:\n    """Add one."""\n    return a + 1\n\n\nsurfer ='
    )
    imported = script(source)
    assert {each.kind for each in imported.document.nodes} == {"team", "openai", "assistant", "python_tool"}


def test_a_video_surfer_comes_out_of_json_and_goes_back_as_an_assistant_that_autogen_can_load() -> None:
    config = {"name": "surfer", "model_client": model()}
    imported = read(team(component("autogen_ext.agents.video_surfer.VideoSurfer", "agent", config)))
    assert node(imported.document, "video").config == {}
    assert node(imported.document, "assistant").config["system_message"] == VIDEO_SURFER
    (surfer,) = json.loads(to_autogen(imported.document))["config"]["participants"]
    assert surfer["provider"] == "autogen_agentchat.agents.AssistantAgent"
    assert any("left out" in finding.text for finding in json_losses(imported.document))


def test_our_own_program_holds_a_browser_exactly() -> None:
    document = read(web_agents()).document
    code = to_python(document).text
    assert "WebBrowser(start_page=" in code
    assert from_python(code, document).document == document


@pytest.mark.parametrize(
    ("config", "more", "becomes"),
    [
        ({}, None, "MultimodalWebSurfer"),
        ({"system_message": "Only shops.", "max_tool_rounds": 9}, None, "MultimodalWebSurfer"),
        ({}, "web_search", "AssistantAgent"),
        ({"handoffs": ["b"]}, None, "AssistantAgent"),
    ],
)
def test_only_an_assistant_with_nothing_but_a_browser_is_a_surfer(config: dict[str, Any], more: str | None, becomes: str) -> None:
    nodes = [
        Node(id="t", kind="team", name="crew"),
        Node(id="m", kind="openai", config={"model": "gpt-4o"}),
        Node(id="a", kind="assistant", name="a", parent="t", config=config),
        Node(id="b", kind="assistant", name="b", parent="t"),
        Node(id="w", kind="web_browser", name="web", config={"hosts": ["example.com"]}),
    ]
    edges = [Edge(id="e", kind="model", source="m", target="t"), Edge(id="f", kind="tool", source="w", target="a")]
    if more is not None:
        nodes.append(Node(id="x", kind=more, name="x"))
        edges.append(Edge(id="g", kind="tool", source="x", target="a"))
    document = FlowDocument(name="Crew", nodes=tuple(nodes), edges=tuple(edges))
    first = json.loads(to_autogen(document))["config"]["participants"][0]
    assert first["provider"].endswith(f".{becomes}")
    for found in (list(json_losses(document)), list(losses(document))):
        if becomes == "AssistantAgent":
            assert any("web" in finding.text and "left out" in finding.text for finding in found)
        else:
            assert said(found, "lost_web_surfer")
            assert any("Only these hosts" in finding.text for finding in found)
            assert bool(config) == any(finding.code == "lost_field" and finding.nodes == ("a",) for finding in found)
