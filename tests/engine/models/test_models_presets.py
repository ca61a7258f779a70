"""Known providers: found by name and address, and complete enough that a key is all that is missing."""

from __future__ import annotations

import pytest

from studio.engine.errors import AccountMissing
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.presets import PRESETS, Preset, preset_at, preset_named
from studio.engine.models.quirks import Quirks, quirks_of


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_every_preset_is_found_by_its_names_and_its_address(preset: Preset):
    assert preset_named(preset.id) is preset_named(preset.title.upper()) is preset
    if preset.base_url:
        assert preset_at(preset.base_url) is preset_at(preset.base_url + "/") is preset
    assert bool(preset.key_at) is not preset.local


def test_other_names_and_addresses_are_no_presets():
    assert preset_named("my server") is preset_named("") is preset_named("groq 2") is None
    assert preset_at("http://127.0.0.1:4000/v1") is preset_at("") is None
    assert preset_at("https://lab.openai.azure.com/openai?api-version=2024-10-21") is preset_named("azure")
    assert preset_at("http://localhost:11434/v1") is preset_named("ollama")


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("openai", Quirks(limit="max_completion_tokens")),
        ("groq", Quirks(names="prefix")),
        ("ollama", Quirks(names="prefix")),
        ("lm studio", Quirks(names="prefix")),
        ("vllm", Quirks(names="prefix")),
        ("together", Quirks(names="prefix")),
        ("fireworks", Quirks(names="prefix")),
        ("openrouter", Quirks(names="prefix")),
        ("deepseek", Quirks()),
        ("mistral", Quirks(names="prefix", alternating=True, user_last=True, short_ids=True)),
        ("gemini", Quirks(names="prefix", user_last=True, no_empty=True)),
        ("anthropic", Quirks(names="prefix", alternating=True, user_last=True, no_empty=True)),
    ],
)
def test_a_preset_is_spoken_to_in_its_own_way_wherever_it_is(preset: str, expected: Quirks):
    known = preset_named(preset)
    assert known is not None
    found = quirks_of(known.id, known.base_url, "some-model")
    for name in ("names", "system", "alternating", "user_last", "no_empty", "short_ids", "limit"):
        assert getattr(found, name) == getattr(expected, name), name


@pytest.mark.parametrize(
    ("environment", "name", "base_url", "key", "model"),
    [
        ({"GROQ_API_KEY": "k"}, "groq", "https://api.groq.com/openai/v1", "k", ""),
        ({"GROQ_API_KEY": "k", "GROQ_MODEL": "m"}, "Groq", "https://api.groq.com/openai/v1", "k", "m"),
        ({"MISTRAL_API_KEY": "k", "MISTRAL_BASE_URL": "http://127.0.0.1:1/v1"}, "mistral", "http://127.0.0.1:1/v1", "k", ""),
        ({"GOOGLE_API_KEY": "k"}, "gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "k", ""),
        (
            {"GOOGLE_API_KEY": "k", "GEMINI_API_KEY": "first"},
            "gemini",
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "first",
            "",
        ),
        ({}, "ollama", "http://127.0.0.1:11434/v1", None, ""),
        ({}, "lm studio", "http://127.0.0.1:1234/v1", None, ""),
        (
            {"AZURE_OPENAI_API_KEY": "k", "AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com/"},
            "azure",
            "https://x.openai.azure.com/",
            "k",
            "",
        ),
        (
            {
                "AZURE_OPENAI_API_KEY": "k",
                "AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com",
                "OPENAI_API_VERSION": "2024-10-21",
                "AZURE_OPENAI_DEPLOYMENT": "d",
            },
            "azure",
            "https://x.openai.azure.com?api-version=2024-10-21",
            "k",
            "d",
        ),
    ],
)
def test_the_variables_that_a_provider_tells_people_to_set_make_its_account(
    environment: dict[str, str], name: str, base_url: str, key: str | None, model: str
):
    account = EnvironmentAccounts(environment).account(name)
    assert (account.name, account.base_url, account.key, account.default_model) == (name, base_url, key, model)
    assert preset_named(account.provider) is preset_named(name)


@pytest.mark.parametrize(
    ("environment", "name", "says"),
    [
        ({}, "groq", "Set GROQ_API_KEY. Its keys are made at console.groq.com/keys."),
        ({"AZURE_OPENAI_API_KEY": "k"}, "azure", "Set AZURE_OPENAI_API_KEY and AZURE_OPENAI_ENDPOINT."),
    ],
)
def test_a_missing_account_of_a_known_provider_says_what_its_key_is_called(environment: dict[str, str], name: str, says: str):
    with pytest.raises(AccountMissing) as missing:
        EnvironmentAccounts(environment).account(name)
    assert missing.value.remedy.startswith(says)


def test_the_accounts_that_variables_make_are_known_in_the_order_of_the_presets():
    environment = {"GROQ_API_KEY": "g", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "ANTHROPIC_API_KEY": "a", "OTHER_API_KEY": "o"}
    assert [account.name for account in EnvironmentAccounts(environment).known()] == ["openai", "anthropic", "groq"]
    assert EnvironmentAccounts({}).known() == []
