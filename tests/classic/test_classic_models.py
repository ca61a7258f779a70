"""llm_config: fallback, filters, prices, the cache, lists of configurations."""

from __future__ import annotations

import json

import pytest
from model_server import Fault

from studio.classic import (
    Cache,
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    OpenAIWrapper,
    config_list_from_dotenv,
    config_list_from_json,
    config_list_from_models,
    config_list_openai_aoai,
    filter_config,
    gather_usage_summary,
    get_config_list,
)


def entry(server, model, **more):
    return {"model": model, "base_url": server.base_url, "api_key": "key", "max_retries": 0, **more}


def ask(client, text="hi", **options):
    return client.create(messages=[{"role": "user", "content": text}], **options)


def text_in(response):
    return OpenAIWrapper.extract_text_or_completion_object(response)[0]


def test_the_next_configuration_answers_when_one_fails(model_server):
    model_server.script({"first": Fault("status", status=500), "second": "from the second"})
    client = OpenAIWrapper(config_list=[entry(model_server, "first"), entry(model_server, "second")], cache_seed=None)
    response = ask(client)
    assert (text_in(response), response.config_id, response.pass_filter) == ("from the second", 1, True)


def test_a_fallback_is_told_in_the_log(model_server):
    model_server.script({"first": Fault("status", status=401), "second": "from the second"})
    config = {"config_list": [entry(model_server, "first"), entry(model_server, "second")], "cache_seed": None}
    user, other = ConversableAgent("user", llm_config=False), ConversableAgent("other", llm_config=config, human_input_mode="NEVER")
    result = user.initiate_chat(other, message="hi", max_turns=1)
    told = [event.text for event in result.events if event.type == "notice" and event.code == "fallback"]
    assert len(told) == 1
    assert "second" in told[0]


def test_an_answer_that_does_not_pass_the_filter_is_asked_of_the_next(model_server):
    model_server.script({"first": "no good", "second": "better", "third": "no good either"})
    seen = []

    def accepts(context, response):
        seen.append((context, response.choices[0].message.content))
        return "better" in response.choices[0].message.content

    client = OpenAIWrapper(config_list=[entry(model_server, "first"), entry(model_server, "second")], cache_seed=None)
    response = ask(client, filter_func=accepts, context={"a": 1})
    assert (text_in(response), seen) == ("better", [({"a": 1}, "no good"), ({"a": 1}, "better")])
    client = OpenAIWrapper(config_list=[entry(model_server, "first"), entry(model_server, "third")], cache_seed=None)
    response = ask(client, filter_func=accepts)
    assert (text_in(response), response.pass_filter, response.config_id) == ("no good either", False, 1)


def test_an_own_price_is_counted_a_thousand_tokens(model_server):
    model_server.script({"*": "one two three"})
    client = OpenAIWrapper(config_list=[entry(model_server, "mine", price=[0.5, 2.0])], cache_seed=None)
    response = ask(client)
    expected = response.usage.prompt_tokens * 0.0005 + response.usage.completion_tokens * 0.002
    assert response.cost == pytest.approx(expected)
    assert client.total_usage_summary["total_cost"] == pytest.approx(expected)
    assert client.total_usage_summary["mine"]["total_tokens"] == response.usage.total_tokens


def test_an_answer_is_remembered_by_seed_and_costs_nothing_twice(model_server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model_server.script({"*": "said"})
    for _ in range(2):
        client = OpenAIWrapper(config_list=[entry(model_server, "m")], cache_seed=7)
        assert text_in(ask(client)) == "said"
    assert len(model_server.requests) == 1
    assert client.actual_usage_summary is None
    assert client.total_usage_summary["m"]["completion_tokens"] == 1
    ask(client, "something else")
    ask(OpenAIWrapper(config_list=[entry(model_server, "m")], cache_seed=8))
    ask(OpenAIWrapper(config_list=[entry(model_server, "m")], cache_seed=None))
    assert len(model_server.requests) == 4
    assert (tmp_path / ".cache" / "7").is_dir()


def test_a_remembered_call_of_a_tool_is_a_call_again(model_server, tmp_path):
    model_server.script({"*": {"tool": "look", "arguments": {"at": 1}}})
    tools = [
        {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {"at": {"type": "integer"}}}}}
    ]
    with Cache.disk(cache_seed="x", cache_path_root=tmp_path) as cache:
        client = OpenAIWrapper(config_list=[entry(model_server, "m", tools=tools)])
        first, second = ask(client, cache=cache), ask(client, cache=cache)
    assert len(model_server.requests) == 1
    assert second.cached
    assert text_in(first).tool_calls[0].function.arguments == text_in(second).tool_calls[0].function.arguments == '{"at": 1}'


def test_the_cache_of_a_chat_serves_both_agents(model_server, config):
    model_server.script({"*": ["a", "b"]})
    config.pop("cache_seed")
    one, two = (ConversableAgent(name, llm_config=config, human_input_mode="NEVER") for name in ("one", "two"))
    with Cache.in_memory() as cache:
        for _ in range(2):
            one.initiate_chat(two, message="hi", max_turns=2, cache=cache, silent=True)
    assert len(model_server.requests) == 3
    costs = gather_usage_summary([one, two])
    assert (
        costs["usage_including_cached_inference"]["test-model"]["total_tokens"]
        == 2 * (costs["usage_excluding_cached_inference"]["test-model"]["total_tokens"])
    )


def test_the_choice_of_a_speaker_is_never_remembered(model_server, config):
    model_server.script({"hold a conversation": "b", "*": "said"})
    agents = [ConversableAgent(name, llm_config=config, human_input_mode="NEVER") for name in ("a", "b")]
    with Cache.in_memory() as cache:
        for _ in range(2):
            manager = GroupChatManager(GroupChat(agents, max_round=2), llm_config=config)
            agents[0].initiate_chat(manager, message="go", cache=cache, silent=True)
    choosing = [seen for seen in model_server.requests if "hold a conversation" in seen.system]
    assert (len(choosing), len(model_server.requests)) == (2, 3)


def test_what_a_configuration_says_goes_to_the_server(model_server):
    model_server.script({"*": "ok"})
    client = OpenAIWrapper(config_list=[entry(model_server, "m")], cache_seed=None, temperature=0.3, max_tokens=50, top_p=0.9, tags=["x"])
    ask(client)
    body = model_server.requests[-1].body
    assert (body["temperature"], body["top_p"], body["model"]) == (0.3, 0.9, "m")
    assert not {"tags", "cache_seed", "price", "api_key", "base_url"} & body.keys()
    assert model_server.requests[-1].headers["Authorization"] == "Bearer key"


def test_a_template_is_filled_in_from_the_context(model_server):
    model_server.script({"*": "ok"})
    client = OpenAIWrapper(config_list=[entry(model_server, "m")], cache_seed=None)
    ask(client, "{what} first", context={"what": "this"}, allow_format_str_template=True)
    assert model_server.requests[-1].messages[-1]["content"] == "this first"
    ask(client, lambda context: context["what"] * 2, context={"what": "this"})
    assert model_server.requests[-1].messages[-1]["content"] == "thisthis"


@pytest.mark.parametrize(
    "config",
    [{"config_list": [{"api_key": "x"}]}, {"model": "m", "temperature": 9}, {"model": "m", "price": 3}, {}],
)
def test_a_configuration_that_is_none_is_refused_as_a_value_error(config):
    with pytest.raises(ValueError, match="llm_config"):
        ConversableAgent("a", llm_config=config)


def test_agents_that_share_a_configuration_do_not_share_tools(config):
    one, two = ConversableAgent("one", llm_config=config), ConversableAgent("two", llm_config=config)
    one.register_for_llm(description="Looks.")(look_at)
    assert "tools" not in two.llm_config
    assert "tools" not in config


def look_at(at: int) -> int:
    return at


def test_a_client_of_ones_own_answers(model_server):
    class Own:
        def __init__(self, config, **arguments):
            self.prefix = arguments["prefix"]

        def create(self, params):
            return type("Answer", (), {"text": self.prefix + params["messages"][-1]["content"]})()

        def message_retrieval(self, response):
            return [response.text]

        def cost(self, response):
            return 0

        @staticmethod
        def get_usage(response):
            return {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "cost": 0.5}

    agent = ConversableAgent("own", llm_config={"config_list": [{"model": "m", "model_client_cls": "Own"}]}, human_input_mode="NEVER")
    agent.register_model_client(model_client_cls=Own, prefix="own: ")
    agent.register_for_llm(description="Looks.")(look_at)
    result = ConversableAgent("user", llm_config=False).initiate_chat(agent, message="hi", max_turns=1)
    assert result.summary == "own: hi"
    assert result.cost["usage_excluding_cached_inference"]["total_cost"] == 0.5


def test_old_functions_are_offered_and_answered_in_the_old_form(model_server, config):
    model_server.script({"*": [{"tool": "double", "arguments": {"n": 2}}, "TERMINATE"]})
    functions = [{"name": "double", "description": "d", "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}}}]
    assistant = ConversableAgent("assistant", llm_config={**config, "functions": functions}, human_input_mode="NEVER")
    user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER", function_map={"double": lambda n: n * 2})
    result = user.initiate_chat(assistant, message="go")
    assert result.chat_history[1]["function_call"]["name"] == "double"
    assert (result.chat_history[2]["role"], result.chat_history[2]["content"]) == ("function", "4")
    assert [message["role"] for message in model_server.requests[-1].messages] == ["system", "user", "assistant", "tool"]


def test_configurations_are_read_from_a_file_and_a_variable(tmp_path, monkeypatch):
    entries = [{"model": "a", "tags": ["x", "y"]}, {"model": "b"}, {"model": "c", "tags": ["y"]}]
    (tmp_path / "OAI_CONFIG_LIST").write_text(json.dumps(entries))
    monkeypatch.delenv("OAI_CONFIG_LIST", raising=False)
    assert config_list_from_json("OAI_CONFIG_LIST", file_location=str(tmp_path)) == entries
    assert [each["model"] for each in config_list_from_json("OAI_CONFIG_LIST", str(tmp_path), filter_dict={"tags": ["x"]})] == ["a"]
    monkeypatch.setenv("LIST", json.dumps(entries[:1]))
    assert config_list_from_json("LIST") == entries[:1]
    monkeypatch.setenv("LIST", str(tmp_path / "OAI_CONFIG_LIST"))
    assert config_list_from_json(env_or_file="LIST") == entries
    with pytest.raises(FileNotFoundError):
        config_list_from_json("NOTHING_OF_THAT_NAME")
    monkeypatch.setenv("LIST", "[1, 2]")
    with pytest.raises(ValueError, match="list of configurations"):
        config_list_from_json("LIST")


def test_configurations_are_chosen_by_their_values():
    entries = [{"model": "a", "api_type": "azure"}, {"model": "b"}, {"model": "c", "tags": ["y"]}]
    assert filter_config(entries, {"model": ["a", "c"]}) == [entries[0], entries[2]]
    assert filter_config(entries, {"model": ["a", "c"]}, exclude=True) == [entries[1]]
    assert filter_config(entries, {"api_type": [None]}) == entries[1:]
    assert filter_config(entries, {"model": ["a"], "tags": ["y"]}, exclude=True) == [entries[1]]
    for nothing in (None, {}):
        assert filter_config(entries, nothing) == filter_config(entries, nothing, exclude=True) == entries


def test_configurations_are_made_of_keys(tmp_path, monkeypatch):
    assert get_config_list(["k1", "k2"], base_urls=["u1", "u2"], api_type="azure") == [
        {"api_key": "k1", "base_url": "u1", "api_type": "azure"},
        {"api_key": "k2", "base_url": "u2", "api_type": "azure"},
    ]
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    for name in ("AZURE_OPENAI_API_KEY", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    assert config_list_from_models(model_list=["m", "n"], exclude="aoai") == [
        {"api_key": "k", "model": "m"},
        {"api_key": "k", "model": "n"},
    ]
    (tmp_path / ".env").write_text("# keys\nexport KEY_OF_M='secret'\nOTHER=plain # why\n")
    map_ = {"m": "KEY_OF_M", "n": {"api_key_env_var": "OTHER", "base_url": "http://x"}, "o": "NOT_THERE"}
    assert config_list_from_dotenv(str(tmp_path / ".env"), map_) == [
        {"model": "m", "api_key": "secret"},
        {"model": "n", "api_key": "plain", "base_url": "http://x"},
        {"model": "gpt-4", "api_key": "k"},
        {"model": "gpt-3.5-turbo", "api_key": "k"},
    ]
    only = {"model": {"m", "gpt-4"}}
    assert config_list_from_dotenv(str(tmp_path / "nowhere"), map_, only) == [{"model": "gpt-4", "api_key": "k"}]
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "az")
    assert [each["api_key"] for each in config_list_openai_aoai(key_file_path=None)] == ["k", "az"]
