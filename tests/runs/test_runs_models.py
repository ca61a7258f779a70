"""Another model for one run, and keys that stay out of everything that is kept or shown."""

from __future__ import annotations

import logging

import pytest
from model_server import Fault, ModelServer, Seen
from run_house import House, assistant, drawing, events_in, pair, said_in, served

from studio.engine import AnthropicModel, Assistant, OpenAIModel, Team
from studio.flow.document import Edge, Node
from studio.runs.override import GIVEN, with_model
from studio.runs.rows import Options
from studio.ui.shared.runs import run_row

KEY = "sk-canary-0123456789abcdef"


async def test_another_model_is_asked_by_every_agent(house: House, model_server: ModelServer) -> None:
    model_server.script({"other-model": "From the other one."})
    started = await house.runs.start(pair(turns=2), "x", model="other-model", base_url=model_server.base_url)
    events = await house.rest(started.run)
    assert said_in(events)[1:] == [("ann", "From the other one."), ("bob", "From the other one.")]
    assert {request.body["model"] for request in model_server.requests} == {"other-model"}
    assert house.runs.document(started.run) == pair(turns=2)


async def test_an_address_alone_keeps_each_model_and_what_it_was_told(house: House, model_server: ModelServer) -> None:
    model_server.script({"test-model": "Hello."})
    flow = drawing(assistant("ann"), model=served(account="nowhere", temperature=0.3), turns=1)
    started = await house.runs.start(flow, "x", base_url=model_server.base_url)
    assert said_in(await house.rest(started.run))[-1] == ("ann", "Hello.")
    assert model_server.requests[-1].body["temperature"] == 0.3


async def test_a_model_alone_keeps_each_account(house: House, model_server: ModelServer) -> None:
    model_server.script({"other-model": "Hello."})
    house.accounts.save("server", base_url=model_server.base_url, key=KEY)
    started = await house.runs.start(drawing(assistant("ann"), model=served(), turns=1), "x", model="other-model")
    assert said_in(await house.rest(started.run))[-1] == ("ann", "Hello.")
    assert model_server.requests[-1].headers["Authorization"] == f"Bearer {KEY}"


def test_a_model_of_another_protocol_keeps_it_until_an_address_is_given() -> None:
    team = Team(participants=(Assistant(name="ann", model=AnthropicModel(model="claude", account="mine", effort="low")),), max_turns=1)

    def asked(model: str | None, base_url: str | None) -> object:
        (ann,) = with_model(team, model, base_url).participants
        assert isinstance(ann, Assistant)
        return ann.model

    assert asked("other", None) == AnthropicModel(model="other", account="mine", effort="low")
    assert asked("other", "http://127.0.0.1:1/v1") == OpenAIModel(model="other", account=GIVEN)
    assert asked(None, "http://127.0.0.1:1/v1") == OpenAIModel(model="claude", account=GIVEN)


async def test_the_key_of_the_environment_goes_to_the_given_address(
    house: House, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    model_server.script({"m": "Hello."})
    started = await house.runs.start(pair(turns=1), "x", model="m", base_url=model_server.base_url)
    await house.rest(started.run)
    assert model_server.requests[-1].headers["Authorization"] == f"Bearer {KEY}"


async def test_a_stored_key_goes_to_its_own_server_and_to_no_other(house: House, model_server: ModelServer) -> None:
    model_server.script({"m": "Hello."})
    house.accounts.save("openai", base_url="http://127.0.0.1:9/v1", key=KEY)
    await house.rest((await house.runs.start(pair(turns=1), "x", model="m", base_url=model_server.base_url)).run)
    assert "Authorization" not in model_server.requests[-1].headers
    house.accounts.save("openai", base_url=model_server.base_url, key=KEY)
    await house.rest((await house.runs.start(pair(turns=1), "x", model="m", base_url=model_server.base_url)).run)
    assert model_server.requests[-1].headers["Authorization"] == f"Bearer {KEY}"


def test_models_are_replaced_wherever_they_are_in_a_team() -> None:
    from studio.runs.override import team_of

    chooser = drawing(assistant("ann"), assistant("bob"), model=served(), selection={"kind": "model_choice"})
    own = Node(id="n_own", kind="openai", name="own", config={"model": "own-model"})
    document = chooser.model_copy(
        update={"nodes": (*chooser.nodes, own), "edges": (*chooser.edges, Edge(id="e_own", kind="model", source="n_own", target="n_ann"))}
    )
    team = team_of(document, Options(model="new"))
    assert {team.model.model, team.participants[0].model.model} == {"new"}  # type: ignore[union-attr, attr-defined]
    assert team.participants[0].model.account == "openai"  # type: ignore[attr-defined]
    assert with_model(team, None, None) is team


async def test_a_key_that_a_server_repeats_is_nowhere_afterwards(
    house: House, model_server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The server sends the key back in an error, in a message, letter by letter in a stream, and in a tool's arguments."""
    caplog.set_level(logging.DEBUG)

    def parrot(seen: Seen) -> object:
        from model_server import Said

        key = seen.headers["Authorization"].removeprefix("Bearer ")
        if seen.assistant_messages >= 1:
            return Fault("status", 400, f"your key {key} is odd")
        return Said(f"your key is {key}, and again {key} " + " ".join(key))

    model_server.script({"test-model": parrot})
    house.accounts.save("server", base_url=model_server.base_url, key=KEY)
    started = await house.runs.start(drawing(assistant("ann"), model=served(), turns=3), "Say my key.")
    frames = await house.read(started.run, lambda frame: frame["t"] == "status" and frame["status"] == "failed")
    assert KEY not in str(frames)
    assert "•••" in str(events_in(frames))
    assert KEY not in caplog.text
    folder = house.settings.data_dir
    await house.close()
    for file in folder.rglob("*"):
        if file.is_file():
            assert KEY.encode() not in file.read_bytes(), file


async def test_a_run_says_how_many_of_its_calls_have_no_known_price(house: House, model_server: ModelServer) -> None:
    model_server.script({"*": "Hello."})
    house.accounts.save("server", base_url=model_server.base_url)
    flow = drawing(assistant("ann"), assistant("bob"), model=served(model="nobody-knows-it"), turns=2)
    started = await house.runs.start(flow, "x")
    await house.rest(started.run)
    assert (house.runs.get(started.run).cost, house.runs.get(started.run).unpriced) == (None, 2)
    known = served(model="gpt-4o").model_copy(update={"id": "n_known", "name": "known"})
    wire = Edge(id="e_known", kind="model", source="n_known", target="n_bob")
    mixed = flow.model_copy(update={"nodes": (*flow.nodes, known), "edges": (*flow.edges, wire)})
    started = await house.runs.start(mixed, "x")
    events = await house.rest(started.run)
    summary = house.runs.get(started.run)
    assert (summary.cost, summary.unpriced) == (events[-1]["usage"]["cost"], 1)
    assert summary.cost
    assert run_row(summary)["cost"].startswith("at least $")
