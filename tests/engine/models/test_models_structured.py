"""Answers that must have a form, and what happens on servers that know no schemas."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asking import OneAccount, ask, task, texts
from model_server import Fault, ModelServer, Said, Seen

from studio.engine.models.base import Told
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.quirks import Quirks
from studio.engine.models.structured import response_format, structured, unwrapped

CITY: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "people": {"type": "integer", "minimum": 0}},
    "required": ["name", "people"],
    "additionalProperties": False,
}


def client_of(server: ModelServer, **fields: Any) -> Any:
    return OpenAIModel(model="m", account="lab", **fields).connect(OneAccount(server.base_url))


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Kyiv", "people": 3}',
        'Here it is:\n```json\n{"name": "Kyiv", "people": 3}\n```\nAnything else?',
        'The city [see below] is {"name": "Kyiv", "people": 3}. Done.',
    ],
)
def test_the_data_in_an_answer_is_found_among_words_and_fences(text: str):
    assert structured(text, CITY) == ({"name": "Kyiv", "people": 3}, None)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("Kyiv, I think.", "There is no JSON in the answer."),
        ('{"name": "Kyiv"}', "'people' is a required property"),
        ('{"name": "Kyiv", "people": -1}', "people: -1 is less than the minimum"),
        ('{"name": "Kyiv", "people": 1, "x": 2}', "Additional properties"),
        ("[" * 100_000, "There is no JSON in the answer."),
    ],
)
def test_what_does_not_fit_is_told_so_that_a_model_can_repair_it(text: str, mistake: str):
    data, told = structured(text, CITY)
    assert data is None
    assert told is not None
    assert mistake in told


def test_a_schema_that_points_elsewhere_fetches_nothing_and_says_so(model_server: ModelServer):
    data, told = structured("{}", {"$ref": f"{model_server.origin}/schema.json"})
    assert data is None
    assert told is not None
    assert "refers to something that is not in it" in told
    assert model_server.requests == []


def test_a_pattern_that_takes_for_ever_is_not_tried_and_others_are():
    def texts_like(pattern: str) -> dict[str, Any]:
        return {"type": "object", "properties": {"n": {"type": "string", "pattern": pattern}}}

    endless = "a" * 60 + "!"
    assert structured(f'{{"n": "{endless}"}}', texts_like("(a+)+$"))[1] is None
    assert structured('{"n": "12"}', texts_like("^[0-9]{3}$"))[1] is not None
    assert structured('{"n": "123"}', texts_like("^[0-9]{3}$"))[1] is None
    assert structured(f'{{"n": "{"a" * 100_000}"}}', texts_like("^a*a*!$"))[1] is None, "long texts are not looked through"
    named = {"type": "object", "patternProperties": {"(a+)+$": {"type": "integer"}}, "additionalProperties": False}
    assert structured(f'{{"{endless}": 1}}', named)[1] is not None
    hidden = {"properties": {"enum": {"pattern": "(a+)+$"}}}
    assert structured(f'{{"enum": "{endless}"}}', hidden)[1] is None
    deep = "[" * 600 + "]" * 600
    structured(deep, {"items": {"$ref": "#"}})
    kept = {"properties": {"pattern": {"type": "integer"}, "n": {"const": {"pattern": "(a+)+$"}}}}
    assert structured('{"pattern": "no", "n": {"pattern": "(a+)+$"}}', kept)[1] == ".pattern: 'no' is not of type 'integer'.".lstrip(".")


def test_only_a_schema_that_is_closed_everywhere_is_sent_as_strict():
    def strict(schema: dict[str, Any]) -> bool:
        form = response_format(task(schema=schema), Quirks())
        assert form is not None
        return bool(form["json_schema"]["strict"])

    assert strict(CITY)
    assert not strict({**CITY, "required": ["name"]})
    assert not strict({"type": "array", "items": {"type": "object", "properties": {}}})


async def test_a_server_is_held_to_the_schema(model_server: ModelServer):
    model_server.script({"*": ['{"name": "Kyiv", "people": 3}']})
    client = client_of(model_server)
    asked = await ask(client, task(schema=CITY))
    assert structured(asked.reply.text, CITY)[0] == {"name": "Kyiv", "people": 3}
    assert model_server.asked()[0].body["response_format"]["json_schema"]["schema"] == CITY
    assert not [piece for piece in asked.pieces if isinstance(piece, Told)]
    await client.close()


async def test_a_server_that_knows_no_schemas_is_asked_for_json_and_then_in_words_and_that_is_told_once(model_server: ModelServer):
    def only_words(seen: Seen) -> Any:
        form = seen.body.get("response_format")
        return Fault("status", 400, f"response_format of type {form['type']} is not supported") if form else '{"name": "Kyiv", "people": 3}'

    model_server.reply = only_words
    client = client_of(model_server, retries=0)
    told = []
    for _ in range(2):
        asked = await ask(client, task(schema=CITY))
        told += [piece.code for piece in asked.pieces if isinstance(piece, Told)]
        assert asked.reply.text == '{"name": "Kyiv", "people": 3}'
        assert asked.retries == []
    forms = [seen.body.get("response_format", {}).get("type") for seen in model_server.asked()]
    assert forms == ["json_schema", "json_object", None, None]
    assert told == ["no_schema"]
    assert "by this JSON schema" in model_server.asked()[-1].messages[-1]["content"]
    await client.close()


async def test_choices_are_held_to_and_the_reply_is_the_choice_itself(model_server: ModelServer):
    model_server.script({"*": ['{"answer": "bob"}']})
    client = client_of(model_server)
    asked = await ask(client, task(choices=("ann", "bob"), purpose="selection"))
    assert asked.reply.text == texts(asked.deltas) == "bob"
    form = model_server.asked()[0].body["response_format"]["json_schema"]
    assert form["schema"]["properties"]["answer"]["enum"] == ["ann", "bob"]
    await client.close()


async def test_choices_on_a_server_that_knows_no_schemas_are_asked_for_in_words_visibly(model_server: ModelServer):
    model_server.reply = lambda seen: Fault("status", 400, "json_schema: extra inputs") if "response_format" in seen.body else "bob"
    client = client_of(model_server, retries=0)
    asked = await ask(client, task(choices=("ann", "bob")))
    assert asked.reply.text == "bob"
    assert [piece.code for piece in asked.pieces if isinstance(piece, Told)] == ["no_schema"]
    await client.close()


async def test_a_response_format_of_the_users_own_is_kept(model_server: ModelServer):
    model_server.script({"*": ["ok"]})
    client = client_of(model_server, extra={"response_format": {"type": "text"}})
    await ask(client, task(choices=("ann", "bob")))
    assert model_server.asked()[0].body["response_format"] == {"type": "text"}
    await client.close()


def test_a_choice_that_is_not_wrapped_is_left_as_it_is():
    assert unwrapped("bob") == "bob"
    assert unwrapped(json.dumps({"answer": "bob"})) == "bob"
    assert unwrapped('{"answer": 3}') == '{"answer": 3}'


async def test_a_refusal_is_told_apart_from_an_answer(model_server: ModelServer):
    from model_server import Raw

    chunk = {"choices": [{"index": 0, "delta": {"refusal": "I will not."}, "finish_reason": "stop"}]}
    model_server.script({"*": Raw((f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode(),))})
    client = client_of(model_server)
    reply = (await ask(client, task(schema=CITY))).reply
    assert (reply.text, reply.finish) == ("I will not.", "refusal")
    await client.close()


async def test_tokens_that_a_server_does_not_count_are_reckoned_and_marked(model_server: ModelServer):
    model_server.sends_usage = False
    model_server.script({"*": [Said("twelve chars")]})
    client = client_of(model_server)
    usage = (await ask(client, task("x" * 4_000))).reply.usage
    assert usage.estimated
    assert usage.completion_tokens == 3
    assert 1_000 <= usage.prompt_tokens <= 1_100
    await client.close()
