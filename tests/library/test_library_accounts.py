"""Model accounts: entered once, tested with one click, and their keys never come back out."""

from __future__ import annotations

from pathlib import Path

import pytest
from model_server import Fault, ModelServer

from studio.engine.errors import AccountMissing
from studio.engine.models.presets import PRESETS
from studio.flow.document import FlowDocument, Node
from studio.library import account_probe
from studio.library.account_limits import AccountLimits
from studio.library.accounts import ModelAccounts
from studio.library.errors import AccountInvalid
from studio.library.flows import Flows
from studio.store.database import Database
from studio.store.errors import SecretUnreadable
from studio.store.secrets import Secrets

KEY = "sk-canary-0123456789abcdef"


@pytest.fixture(autouse=True)
def no_accounts_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    own = [
        name for preset in PRESETS for name in (f"{preset.id.upper()}_API_KEY", f"{preset.id.upper()}_BASE_URL", *preset.keys, *preset.urls)
    ]
    for name in (*own, "OPENAI_MODEL", "CONVENE_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def accounts(database: Database, tmp_path: Path) -> ModelAccounts:
    return ModelAccounts(database, Secrets(tmp_path, use_keyring=False))


def test_an_account_is_what_was_entered_and_shows_only_the_end_of_its_key(accounts: ModelAccounts) -> None:
    accounts.save("my server", base_url=" http://127.0.0.1:1234/v1/ ", default_model="llama", key=KEY)
    account = accounts.account("my server")
    assert (account.base_url, account.key, account.default_model) == ("http://127.0.0.1:1234/v1", KEY, "llama")
    (row,) = accounts.list()
    assert (row.name, row.key_hint, row.stored) == ("my server", "cdef", True)
    assert KEY not in repr(account) + repr(row)


def test_limits_are_kept_until_others_are_entered(accounts: ModelAccounts) -> None:
    accounts.save("a", limits=AccountLimits.entered("60", "100,000", ""))
    accounts.save("a", default_model="new")
    account = accounts.account("a")
    assert (account.requests_per_minute, account.tokens_per_minute, account.requests_at_once) == (60, 100_000, 0)
    assert accounts.list()[0].limits == AccountLimits(60, 100_000, 0)
    accounts.save("a", limits=AccountLimits(requests_at_once=3))
    assert accounts.list()[0].limits == AccountLimits(0, 0, 3)


@pytest.mark.parametrize("typed", ["-1", "1.5", "many", "9" * 11, "٣"])
def test_a_limit_that_is_no_number_is_refused_and_names_its_field(typed: str) -> None:
    with pytest.raises(AccountInvalid, match="whole number") as refused:
        AccountLimits.entered(tokens_per_minute=typed)
    assert refused.value.field == "tokens_per_minute"


def test_a_short_key_shows_nothing_of_itself(accounts: ModelAccounts) -> None:
    accounts.save("a", key="secret")
    assert accounts.list()[0].key_hint == "••••"


def test_the_key_is_nowhere_in_the_files(accounts: ModelAccounts, database: Database, tmp_path: Path) -> None:
    accounts.save("a", key=KEY)
    database.close()
    for file in tmp_path.rglob("*"):
        assert KEY.encode() not in file.read_bytes()


def test_saving_without_a_key_keeps_it_and_an_empty_one_removes_it(accounts: ModelAccounts) -> None:
    accounts.save("a", base_url="http://127.0.0.1:1/v1", key=KEY)
    accounts.save("a", base_url="http://127.0.0.1:1/v1", default_model="new")
    assert accounts.account("a").key == KEY
    accounts.save("a", base_url="http://127.0.0.1:1/v1", key="")
    assert accounts.account("a").key is None
    assert accounts.list()[0].key_hint == ""


def test_another_address_clears_the_key(accounts: ModelAccounts) -> None:
    accounts.save("a", base_url="http://127.0.0.1:1/v1", key=KEY)
    accounts.save("a", base_url="http://evil.example/v1")
    assert accounts.account("a").key is None
    accounts.save("a", base_url="http://127.0.0.1:2/v1", key=KEY)
    assert accounts.account("a").key == KEY


def test_a_key_does_not_open_for_an_address_that_was_changed_behind_our_back(accounts: ModelAccounts, database: Database) -> None:
    accounts.save("a", base_url="http://127.0.0.1:1/v1", key=KEY)
    accounts.save("b", base_url="http://127.0.0.1:2/v1")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE model_account SET base_url = 'http://evil.example/v1' WHERE name = 'a'")
    with pytest.raises(SecretUnreadable):
        accounts.account("a")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE model_account SET sealed_key = (SELECT sealed_key FROM model_account WHERE name = 'a')")
    with pytest.raises(SecretUnreadable):
        accounts.account("b")


def test_an_account_can_be_renamed_but_not_onto_another(accounts: ModelAccounts) -> None:
    accounts.save("a", key=KEY)
    accounts.save("b")
    accounts.save("c", rename_from="a")
    assert accounts.account("c").key == KEY
    assert [row.name for row in accounts.list()] == ["b", "c"]
    with pytest.raises(AccountInvalid, match="already"):
        accounts.save("b", rename_from="c")
    with pytest.raises(AccountMissing):
        accounts.save("x", rename_from="nobody")


def test_flows_follow_a_renamed_account(accounts: ModelAccounts, database: Database) -> None:
    flows = Flows(database)
    models = (Node(id="n_1", kind="openai", config={"account": "a"}), Node(id="n_2", kind="openai", config={"account": "b"}))
    one, other = flows.create(FlowDocument(nodes=models)), flows.create(FlowDocument(nodes=models[1:]))
    accounts.save("a", key=KEY)
    accounts.save("new name", rename_from="a")
    assert [node.config["account"] for node in flows.get(one).document.nodes] == ["new name", "b"]
    assert flows.get(other).rev == 1
    assert flows.undo(one).document.nodes == models


def test_a_deleted_account_is_gone(accounts: ModelAccounts) -> None:
    accounts.save("a", key=KEY)
    accounts.delete("a")
    with pytest.raises(AccountMissing) as missing:
        accounts.account("a")
    assert "A_API_KEY" in missing.value.remedy
    with pytest.raises(AccountMissing):
        accounts.delete("a")


@pytest.mark.parametrize(
    "base_url",
    ["file:///etc/passwd", "ftp://x/", "javascript:alert(1)", "//x", "http://", "http://x:99999/", "gopher://x", "http://x\n/", "x"],
)
def test_only_web_addresses_are_accounts(accounts: ModelAccounts, base_url: str) -> None:
    with pytest.raises(AccountInvalid) as refused:
        accounts.save("a", base_url=base_url)
    assert refused.value.field == "base_url"
    assert accounts.list() == []


@pytest.mark.parametrize("base_url", ["http://user:pass@x/v1", "http://x/v1#key"])
def test_an_address_with_a_secret_in_it_is_refused_without_repeating_it(accounts: ModelAccounts, base_url: str) -> None:
    with pytest.raises(AccountInvalid) as refused:
        accounts.save("a", base_url=base_url)
    assert "pass" not in str(refused.value).replace("password", "")


@pytest.mark.parametrize(("field", "facts"), [("name", {"name": "  "}), ("name", {"name": "x" * 99}), ("key", {"name": "a", "key": "a b"})])
def test_what_cannot_be_an_account_names_the_field(accounts: ModelAccounts, field: str, facts: dict[str, str]) -> None:
    with pytest.raises(AccountInvalid) as refused:
        accounts.save(facts.pop("name"), **facts)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_name_that_was_not_entered_is_looked_for_in_the_environment(accounts: ModelAccounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("MY_SERVER_BASE_URL", "http://127.0.0.1:9/v1")
    assert accounts.account("openai").key == KEY
    assert accounts.account("my server").base_url == "http://127.0.0.1:9/v1"
    (row,) = accounts.list()
    assert (row.name, row.key_hint, row.stored) == ("openai", "cdef", False)
    accounts.save("openai", key="sk-stored-0123456789")
    assert accounts.account("openai").key == "sk-stored-0123456789"
    assert [row.stored for row in accounts.list()] == [True]


async def test_a_test_lists_the_models(accounts: ModelAccounts, model_server: ModelServer) -> None:
    model_server.models = ["b-model", "a-model"]
    accounts.save("a", base_url=model_server.base_url)
    tested = await accounts.test("a")
    assert tested.ok
    assert tested.models == ("a-model", "b-model")


async def test_a_test_asks_the_default_model_for_a_word(accounts: ModelAccounts, model_server: ModelServer) -> None:
    model_server.script({"test-model": "yes"})
    accounts.save("a", base_url=model_server.base_url, default_model="test-model", key=KEY)
    tested = await accounts.test("a")
    assert tested.ok
    assert "test-model" in tested.text
    assert model_server.requests[-1].body["max_tokens"] == 1
    assert model_server.requests[-1].headers["Authorization"] == f"Bearer {KEY}"


async def test_a_refused_key_is_said_with_the_way_out_and_without_the_key(accounts: ModelAccounts, model_server: ModelServer) -> None:
    model_server.keys = {"another"}
    accounts.save("a", base_url=model_server.base_url, key=KEY)
    tested = await accounts.test("a")
    assert not tested.ok
    assert "401" in tested.text
    assert "the key of account a was refused" in tested.text
    assert tested.remedy == "Open the account."
    assert KEY not in tested.text


async def test_a_default_model_that_fails_fails_the_test(accounts: ModelAccounts, model_server: ModelServer) -> None:
    model_server.script({"test-model": Fault("status", 404, "model 'test-model' not found")})
    accounts.save("a", base_url=model_server.base_url, default_model="test-model")
    tested = await accounts.test("a")
    assert not tested.ok
    assert "test-model" in tested.text
    assert tested.models == ("test-model",)


async def test_a_server_that_is_not_there_and_one_that_never_answers_are_said(accounts: ModelAccounts, model_server: ModelServer) -> None:
    accounts.save("gone", base_url="http://127.0.0.1:9/v1")
    tested = await accounts.test("gone")
    assert (tested.ok, tested.remedy != "") == (False, True)
    model_server.script({"test-model": Fault("stall")})
    accounts.save("silent", base_url=model_server.base_url, default_model="test-model")
    tested = await account_probe.try_account(accounts, "silent", patience=0.5)
    assert not tested.ok
    assert "seconds" in tested.text
    missing = await accounts.test("nobody")
    assert not missing.ok
    assert "NOBODY_API_KEY" in missing.remedy


async def test_servers_on_this_machine_that_answer_are_found(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    model_server.models = ["llama3"]
    places = [("Ollama", "http://127.0.0.1:9/v1"), ("LM Studio", model_server.base_url), ("vLLM", f"{model_server.origin}/nothing")]
    assert await account_probe.discover(places) == [account_probe.LocalServer("LM Studio", model_server.base_url, ("llama3",))]
    monkeypatch.setattr(account_probe, "LOCAL_SERVERS", ())
    monkeypatch.setenv("OPENAI_BASE_URL", model_server.base_url)
    assert [server.name for server in await account_probe.discover()] == ["OPENAI_BASE_URL"]
