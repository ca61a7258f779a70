"""HTTP requests and OpenAPI services as tools: what a model sends becomes the request that was drawn, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scripted_server import Asked, Scripted, Write, always, reply, scripted
from tool_place import nowhere

from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import BadArguments
from studio.engine.errors import FlowError
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.tools.base import ToolPlace
from studio.engine.tools.http_tool import HttpTool
from studio.engine.tools.json_schema import fit_schema, plain_schema
from studio.engine.tools.openapi_document import DocumentUnreadable, read_openapi
from studio.engine.tools.openapi_tool import OpenApiTool


def place(**variables: str) -> ToolPlace:
    return ToolPlace(nowhere().folder, EnvironmentAccounts(variables))


def http(server: Scripted, path: str = "/", **more: Any) -> HttpTool:
    return HttpTool(url=server.url + path, private_hosts=(server.host,), **more)


async def call(
    tool: HttpTool | OpenApiTool, where: ToolPlace | None = None, name: str = "call_service", /, **arguments: Any
) -> FunctionResult:
    return await tool.call(name, json.dumps(arguments), where or nowhere())


# HTTP request ---------------------------------------------------------------------------------------------------------


async def test_arguments_stand_in_address_query_header_and_body() -> None:
    async with scripted(always(reply('{"ok": true}', content_type="application/json"))) as server:
        tool = http(
            server,
            "/cities/{city}/days?fixed=1",
            method="POST",
            query={"unit": "{unit}", "tags": "{tags}", "both": "{unit}-{city}", "absent": "{absent}", "lang": "de"},
            headers={"X-City": "city {unit}", "X-Absent": "{absent}"},
            parameters={
                "type": "object",
                "properties": {"tags": {"type": "array"}, "days": {"type": "integer"}, "note": {"type": "string"}},
            },
        )
        result = await call(tool, city="São/Paulo ..", unit="c&f", tags=["a", 1], days="3", note="x")
    asked = server.asked[0]
    assert result.output == '{"ok": true}'
    assert asked.method == "POST"
    assert asked.target == "/cities/S%C3%A3o%2FPaulo%20../days?fixed=1&unit=c%26f&tags=a&tags=1&both=c%26f-S%C3%A3o%2FPaulo+..&lang=de"
    assert asked.headers["x-city"] == "city c&f"
    assert "x-absent" not in asked.headers
    assert json.loads(asked.body) == {"days": 3, "note": "x"}
    assert asked.headers["content-type"] == "application/json"


async def test_other_arguments_of_a_get_go_into_the_query_and_forms_can_be_sent() -> None:
    shape = {"type": "object", "properties": {"q": {"type": "string"}, "n": {"type": "integer"}}, "required": ["q"]}
    async with scripted(always(reply("ok"))) as server:
        await call(http(server, parameters=shape), q="a b", n=2)
        await call(http(server, method="POST", arguments_in="form", parameters=shape), q="a b", n=2)
        missing = await call(http(server, parameters=shape), n=2)
        unknown = await call(http(server, parameters=shape), q="a", m=2)
    assert server.asked[0].target == "/?q=a+b&n=2"
    assert server.asked[1].body == b"q=a+b&n=2"
    assert missing.output == "The argument 'q' is missing."
    assert unknown.output == "There is no argument 'm'. Arguments that exist: q, n."
    assert len(server.asked) == 2


@pytest.mark.parametrize("value", ["..", ".", "", None])
async def test_an_argument_cannot_leave_its_part_of_the_path(value: str | None) -> None:
    async with scripted(always(reply("x"))) as server:
        result = await call(http(server, "/a/{part}/c"), part=value)
    assert result.is_error
    assert server.asked == []


@given(st.text(min_size=1, max_size=40))
def test_every_argument_is_one_part_of_the_path(value: str) -> None:
    template = HttpTool(url="https://a.example/x/{part}/y").template()
    try:
        url = template.url_for({"part": value})
    except BadArguments:
        return
    assert url.startswith("https://a.example/x/")
    assert url.endswith("/y")
    assert url.count("/") == 5
    assert not set("?#\\ ") & set(url)


async def test_a_key_is_sent_and_never_seen_again() -> None:
    async def echo(asked: Asked, write: Write) -> None:
        await write(reply(f"{asked.target} {asked.headers.get('authorization')} {asked.headers.get('x-basic')}", "400 Bad Request"))

    async with scripted(echo) as server:
        where = place(SERVICE_API_KEY="user:pa/ss", SERVICE_BASE_URL=server.url)
        tool = http(
            server,
            query={"key": "${service}", "q": "{q}"},
            headers={"Authorization": "Bearer ${service}", "X-Basic": "Basic ${base64:service}"},
        )
        result = await call(tool, where, q="${service}")
    asked = server.asked[0]
    assert asked.headers["authorization"] == "Bearer user:pa/ss"
    assert asked.headers["x-basic"] == "Basic dXNlcjpwYS9zcw=="
    assert asked.target == "/?key=user%3Apa%2Fss&q=%24%7Bservice%7D"
    assert result.is_error
    for secret in ("user:pa/ss", "user%3Apa%2Fss", "dXNlcjpwYS9zcw=="):
        assert secret not in result.output
    assert "pa/ss" not in repr(tool) + tool.model_dump_json()


async def test_a_flow_cannot_send_a_key_elsewhere() -> None:
    async with scripted(always(reply("x"))) as server:
        where = place(OPENAI_API_KEY="sk-secret", OTHER_API_KEY="sk-other", OTHER_BASE_URL="https://other.example")
        for account in ("openai", "other", "missing"):
            result = await call(http(server, headers={"Authorization": f"Bearer ${{{account}}}"}), where)
            assert result.is_error
            assert "sk-" not in result.output
    assert server.asked == []


async def test_a_model_cannot_ask_for_a_key_or_break_a_header() -> None:
    async with scripted(always(reply("x"))) as server:
        where = place(SERVICE_API_KEY="the-key", SERVICE_BASE_URL=server.url)
        tool = http(server, headers={"X-Note": "{note}", "X-Key": "${service} {note}"})
        await call(tool, where, note="${service}")
        broken = await call(tool, where, note="a\r\nX-Evil: 1")
    assert server.asked[0].headers["x-note"] == "${service}"
    assert server.asked[0].headers["x-key"] == "the-key ${service}"
    assert broken.is_error
    assert len(server.asked) == 1


async def test_redirects_lead_only_to_hosts_that_are_allowed() -> None:
    async with scripted(always(reply("end"))) as second, scripted(always(reply("", "302 Found", location=f"{second.url}/x"))) as first:
        private = (first.host, second.host)
        refused = await call(HttpTool(url=first.url, private_hosts=(first.host,)))
        allowed = await call(HttpTool(url=first.url, private_hosts=private, redirect_hosts=(second.host,)))
    assert refused.is_error
    assert f"does not connect to {second.host}" in refused.output
    assert allowed.output == "end"


@pytest.mark.parametrize(
    ("answer", "is_error", "output"),
    [
        (reply("", "204 No Content"), False, "(an empty answer)"),
        (reply("no such city", "404 Not Found"), True, "HTTP 404 Not Found\nno such city"),
        (reply("", "500 Oh"), True, "HTTP 500 Oh"),
        (reply(b"\x89PNG\0", content_type="image/png"), False, "(image/png, 5 bytes)"),
        (reply("", "304 Not Modified"), False, "HTTP 304 Not Modified"),
    ],
)
async def test_what_comes_back_is_said(answer: bytes, is_error: bool, output: str) -> None:
    async with scripted(always(answer)) as server:
        result = await call(http(server))
    assert (result.is_error, result.output) == (is_error, output)


async def test_a_long_answer_is_cut() -> None:
    async with scripted(always(reply("x" * 200_000))) as server:
        result = await call(http(server))
    assert len(result.output) < 51_000
    assert "150,000 characters left out" in result.output


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "https://{host}/x"},
        {"url": "https://a.{tld}/x"},
        {"url": "ftp://a.example/"},
        {"url": "https://u:p@a.example/"},
        {"url": "https://a.example/${key}"},
        {"url": "{everything}"},
        {"headers": {"Host": "x"}},
        {"headers": {"X\r\nY": "x"}},
        {"headers": {"X": "a\nb"}},
        {"name": "no name"},
        {"parameters": {"type": "array"}},
        {"redirect_hosts": ("https://x/",)},
        {"method": "CONNECT"},
    ],
)
def test_what_cannot_be_sent_is_found_in_the_form(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HttpTool(**wrong)


def test_a_model_sees_arguments_of_address_and_schema() -> None:
    tool = HttpTool(
        name="weather",
        description="The weather.",
        url="https://a.example/{city}",
        query={"u": "{unit}"},
        parameters={
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["a", "b"]}, "x": {"$ref": "#/$defs/x"}},
            "$defs": {"x": {"type": "integer"}},
        },
    )
    schema = tool.schema_for_model()
    assert (schema.name, schema.description) == ("weather", "The weather.")
    assert schema.parameters == {
        "type": "object",
        "properties": {"city": {"type": "string", "enum": ["a", "b"]}, "x": {"type": "integer"}, "unit": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    with pytest.raises(FlowError, match="no address"):
        HttpTool().schemas({})


# OpenAPI --------------------------------------------------------------------------------------------------------------

PETS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://{region}.pets.example/v1/", "variables": {"region": {"default": "eu"}}}],
    "security": [{"bearer": []}],
    "paths": {
        "/pets/{pet-id}": {
            "parameters": [{"$ref": "#/components/parameters/id"}],
            "get": {
                "operationId": "get pet!",
                "summary": "One pet.",
                "parameters": [
                    {"name": "filter[tag]", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}, "explode": False},
                    {"name": "many", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
                    {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
                    {"name": "session", "in": "cookie", "schema": {"type": "string"}},
                ],
            },
            "put": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                "security": [{"key": []}],
            },
        },
        "/pets": {
            "post": {
                "operationId": "addMany",
                "requestBody": {"required": True, "content": {"application/json; charset=utf-8": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}}}},
                "security": [{"basic": []}],
            },
            "delete": {"operationId": "addMany", "security": [], "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"why": {"type": "string"}}}}}}},
        },
    },
    "components": {
        "parameters": {"id": {"name": "pet-id", "in": "path", "required": True, "schema": {"type": "integer"}}},
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "query", "name": "api_key"},
            "basic": {"type": "http", "scheme": "basic"},
        },
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["name", "id"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "name": {"type": "string", "example": "Rex", "minLength": 1},
                    "tag": {"type": "string", "nullable": True},
                    "friends": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
                },
            }
        },
    },
}  # fmt: skip


def pets(server: Scripted | None = None, **more: Any) -> OpenApiTool:
    if server is not None:
        more = {"base_url": f"{server.url}/v1", "private_hosts": (server.host,), **more}
    return OpenApiTool(document=json.dumps(PETS), **more)


def test_every_operation_becomes_a_function_with_its_schema() -> None:
    get, put, post, delete = pets().schemas({})
    assert [each.name for each in (get, put, post, delete)] == ["get_pet", "put_pets_pet-id", "addMany", "addMany_2"]
    assert get.description == "One pet."
    assert get.parameters["required"] == ["pet-id"]
    assert list(get.parameters["properties"]) == ["pet-id", "filter_tag_", "many", "X-Trace"]
    assert put.parameters["required"] == ["pet-id", "name"]
    assert put.parameters["properties"]["tag"] == {"type": ["string", "null"]}
    assert put.parameters["properties"]["friends"] == {"type": "array", "items": {}}
    assert post.parameters["properties"]["body"]["items"]["properties"]["name"] == {"type": "string", "minLength": 1}
    assert "why" in delete.parameters["properties"]


def test_only_chosen_operations_are_offered() -> None:
    assert [each.name for each in pets(operations=("POST /pets",)).schemas({})] == ["addMany"]
    with pytest.raises(FlowError, match="no operation 'GET /cats'"):
        pets(operations=("GET /cats",)).schemas({})
    assert OpenApiTool.choices_of("operations", {"document": json.dumps(PETS)})[0] == ("GET /pets/{pet-id}", "One pet.")
    assert OpenApiTool.choices_of("operations", {"document": "{"}) == ()


async def test_an_operation_is_sent_as_the_document_says() -> None:
    async with scripted(always(reply("{}", content_type="application/json"))) as server:
        where = place(PETS_API_KEY="user:word", PETS_BASE_URL=server.url)
        tool = pets(server, account="pets", headers={"X-Own": "1"})
        results = [
            await call(tool, where, "get_pet", **{"pet-id": "7", "filter_tag_": ["a", "b"], "many": [1, 2], "X-Trace": "t"}),
            await call(tool, where, "put_pets_pet-id", **{"pet-id": 7, "name": "Rex", "tag": None}),
            await call(tool, where, "addMany", body=[{"name": "a"}]),
            await call(tool, where, "addMany_2", why="old age"),
        ]
    assert not any(result.is_error for result in results)
    get, put, post, delete = server.asked
    assert (get.method, get.target) == ("GET", "/v1/pets/7?filter%5Btag%5D=a%2Cb&many=1&many=2")
    assert (get.headers["authorization"], get.headers["x-trace"], get.headers["x-own"]) == ("Bearer user:word", "t", "1")
    assert (put.method, put.target) == ("PUT", "/v1/pets/7?api_key=user%3Aword")
    assert json.loads(put.body) == {"name": "Rex"}
    assert "authorization" not in put.headers
    assert post.headers["authorization"] == "Basic dXNlcjp3b3Jk"
    assert json.loads(post.body) == [{"name": "a"}]
    assert (delete.method, delete.body) == ("DELETE", b"why=old+age")


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("get_pet", {"pet-id": "seven"}, "The argument 'pet-id' must be a whole number"),
        ("get_pet", {}, "The argument 'pet-id' is missing."),
        ("put_pets_pet-id", {"pet-id": 1, "name": ""}, "The argument 'name' must have between 1"),
        ("addMany", {"body": [{"name": 1.5, "tag": []}]}, "The argument 'body[0].tag' must be text or null."),
        ("addMany", {"body": {}}, "The argument 'body' must be a list."),
        ("nonsense", {}, "There is no operation 'nonsense'"),
    ],
)
async def test_arguments_that_do_not_fit_never_leave(name: str, arguments: dict[str, Any], said: str) -> None:
    async with scripted(always(reply("x"))) as server:
        result = await call(pets(server), None, name, **arguments)
    assert result.is_error
    assert said in result.output
    assert server.asked == []


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "no document yet"),
        ("{", "no JSON"),
        ("[]", "an object"),
        ('{"swagger": "2.0"}', "Swagger 2.0"),
        ('{"openapi": "2.9"}', "OpenAPI 2.9"),
        ('{"openapi": "3.1.0"}', "no operation"),
        ('{"openapi": "3.1.0", "paths": {"/x": {"get": []}}}', "no operation"),
        ('{"openapi": "3.1.0", "paths": {"/x": {"$ref": "https://evil.example/x"}}}', "no operation"),
        ('{"openapi":"3.0.0","a":' + "[" * 100_000, "nested too deeply|no JSON"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("a: !!python/object/apply:os.system [touch evil]", "neither JSON nor YAML"),
        ("x" * 900_001, "too long"),
    ],
)
def test_what_is_no_document_is_said(document: str, said: str) -> None:
    with pytest.raises(DocumentUnreadable, match=said):
        read_openapi(document)


def test_a_document_may_be_yaml() -> None:
    read = read_openapi("openapi: 3.1.0\ninfo: {title: T}\npaths:\n  /x/{id}:\n    get:\n      operationId: one\n")
    assert read.operations[0].schema.parameters["required"] == ["id"]
    assert read.title == "T"


@pytest.mark.parametrize("server", ["/v1", "", "ftp://a.example", "http://2130706433/"])
def test_a_document_without_a_usable_server_needs_an_address(server: str) -> None:
    document = json.dumps({**PETS, "servers": [{"url": server}]})
    with pytest.raises(FlowError):
        OpenApiTool(document=document).schemas({})
    assert len(OpenApiTool(document=document, base_url="https://a.example").schemas({})) == 4


def test_too_many_operations_must_be_chosen_from() -> None:
    document = {"openapi": "3.0.0", "servers": [{"url": "https://a.example"}], "paths": {f"/{number}": {"get": {}} for number in range(65)}}
    with pytest.raises(FlowError, match="Choose some"):
        OpenApiTool(document=json.dumps(document)).schemas({})


def test_schemas_that_contain_themselves_end() -> None:
    root: dict[str, Any] = {
        "a": {"properties": {"b": {"$ref": "#/b"}}},
        "b": {"properties": {"a": {"$ref": "#/a"}}},
        "c": {"$ref": "#/d"},
        "d": {"$ref": "#/c"},
    }
    assert plain_schema({"$ref": "#/a"}, root) == {"properties": {"b": {"properties": {"a": {}}}}}
    assert plain_schema({"$ref": "#/c"}, root) == {}
    wide: dict[str, Any] = {"x": {"properties": {str(number): {"$ref": f"#/y{number % 9}"} for number in range(100)}}}
    wide |= {f"y{number}": {"properties": {str(one): {"$ref": "#/x"} for one in range(100)}} for number in range(9)}
    assert len(json.dumps(plain_schema({"$ref": "#/x"}, wide))) < 1_000_000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["string", "object", "array", "x", "#/a", "integer"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "items", "anyOf", "required", "enum", "$ref", "a", "minimum"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(json_values, json_values)
def test_no_schema_breaks_the_fitting(schema: Any, value: Any) -> None:
    plain = plain_schema(schema, {"a": schema})
    json.dumps(plain)
    try:
        fitted = fit_schema(value, plain, "x")
    except BadArguments:
        return
    json.dumps(fitted)


@pytest.mark.parametrize(
    "hostile",
    [
        {"paths": {"/x": {"get": {"parameters": {"a": 1}, "requestBody": [], "security": "x"}}}},
        {
            "paths": {
                "/x": {
                    "get": {
                        "parameters": [None, 1, {"name": 3}, {"name": "a", "in": "query", "schema": 7}],
                        "requestBody": {"content": {"application/json": 1}},
                    }
                }
            },
            "servers": "x",
            "components": [],
        },
    ],
)
def test_documents_full_of_mistakes_are_read_as_far_as_they_go(hostile: dict[str, Any]) -> None:
    assert len(read_openapi(json.dumps({"openapi": "3.0.0", **hostile})).operations) == 1
