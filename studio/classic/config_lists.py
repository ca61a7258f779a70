"""Lists of model configurations: from a file, the environment or a .env file, and chosen by their values."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.classic.model_configs import Config, ConfigUnusable
from studio.texts import text

Wanted = Mapping[str, Any]
"""{key: values that are taken}; a value of None in the list takes entries without the key."""

_FORM = '[{"model": …, "api_key": …}]'

_OLD_MODELS = ("gpt-4", "gpt-3.5-turbo")

LARGEST_FILE = 1_000_000
"""Characters."""


def config_list_from_json(env_or_file: str, file_location: str | None = "", filter_dict: Wanted | None = None) -> list[Config]:
    """The list in an environment variable (JSON, or the path of a file with JSON), else in a file of that name below `file_location`.

    Raises FileNotFoundError, and ConfigUnusable (a ValueError) for what is no list of objects.
    """
    written = os.environ.get(env_or_file)
    if written is None:
        written = read_file(os.path.join(file_location or "", env_or_file))
    elif not written.lstrip().startswith(("[", "{")) and os.path.exists(written):
        written = read_file(written)
    try:
        found = json.loads(written)
    except (ValueError, RecursionError) as mistake:
        raise ConfigUnusable(
            text("classic.configs.no_json", where=env_or_file, error=mistake), text("classic.holds_a_list", example=_FORM)
        ) from None
    if isinstance(found, dict) and isinstance(found.get("config_list"), list):
        found = found["config_list"]
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise ConfigUnusable(text("classic.configs.no_list", where=env_or_file), text("classic.holds_a_list", example=_FORM))
    return filter_config(found, filter_dict)


def filter_config(config_list: Sequence[Mapping[str, Any]], filter_dict: Wanted | None, exclude: bool = False) -> list[Config]:
    """The entries whose value is wanted for every key; of a value that is a list, such as tags, one wanted value is enough.

    With `exclude`, those whose value is wanted for no key. Without a filter, all.
    """
    entries = [dict(entry) for entry in config_list]
    if not filter_dict:
        return entries
    return [entry for entry in entries if all(_fits(entry.get(key), wanted) != exclude for key, wanted in filter_dict.items())]


def _fits(value: Any, wanted: Any) -> bool:
    accepted = list(wanted) if isinstance(wanted, list | tuple | set) else [wanted]
    if isinstance(value, list):
        return any(each in accepted for each in value)
    return value in accepted


def get_config_list(
    api_keys: Sequence[str],
    base_urls: Sequence[str] | None = None,
    api_type: str | None = None,
    api_version: str | None = None,
) -> list[Config]:
    """One entry a key; addresses belong to the keys in order. Raises ConfigUnusable when their numbers differ."""
    if base_urls is not None and len(base_urls) != len(api_keys):
        raise ConfigUnusable(text("classic.configs.addresses"))
    entries: list[Config] = []
    for number, key in enumerate(api_keys):
        if not key.strip():
            continue
        entry: Config = {"api_key": key}
        if base_urls:
            entry["base_url"] = base_urls[number]
        entries.append(entry | _set(api_type=api_type, api_version=api_version))
    return entries


def _set(**values: str | None) -> Config:
    return {name: value for name, value in values.items() if value}


def config_list_openai_aoai(
    key_file_path: str | None = ".",
    openai_api_key_file: str | None = "key_openai.txt",
    aoai_api_key_file: str | None = "key_aoai.txt",
    openai_api_base_file: str | None = "base_openai.txt",
    aoai_api_base_file: str | None = "base_aoai.txt",
    exclude: str | None = None,
) -> list[Config]:
    """Entries for OpenAI and Azure from OPENAI_API_KEY and AZURE_OPENAI_API_KEY (with …_API_BASE), or files that hold them."""
    found: list[Config] = []
    if exclude != "openai":
        keys = _lines("OPENAI_API_KEY", key_file_path, openai_api_key_file)
        bases = _lines("OPENAI_API_BASE", key_file_path, openai_api_base_file)
        found += get_config_list(keys, bases if bases and len(bases) == len(keys) else None)
    if exclude != "aoai":
        keys = _lines("AZURE_OPENAI_API_KEY", key_file_path, aoai_api_key_file)
        bases = _lines("AZURE_OPENAI_API_BASE", key_file_path, aoai_api_base_file)
        found += get_config_list(keys, bases if len(bases) == len(keys) else None, "azure", os.environ.get("OPENAI_API_VERSION"))
    return found


def _lines(variable: str, folder: str | None, file: str | None) -> list[str]:
    text = os.environ.get(variable)
    if text is None and folder is not None and file and os.path.exists(path := os.path.join(folder, file)):
        text = read_file(path)
    return (text or "").split()


def config_list_from_models(
    key_file_path: str | None = ".",
    openai_api_key_file: str | None = "key_openai.txt",
    aoai_api_key_file: str | None = "key_aoai.txt",
    aoai_api_base_file: str | None = "base_aoai.txt",
    exclude: str | None = None,
    model_list: Sequence[str] | None = None,
) -> list[Config]:
    """Every model of the list with every key that is found."""
    accounts = config_list_openai_aoai(
        key_file_path, openai_api_key_file, aoai_api_key_file, aoai_api_base_file=aoai_api_base_file, exclude=exclude
    )
    return [{**account, "model": model} for model in model_list or () for account in accounts] if model_list else accounts


def config_list_gpt4_gpt35(key_file_path: str | None = ".", exclude: str | None = None) -> list[Config]:
    """The two old models with every key that is found."""
    return config_list_from_models(key_file_path, exclude=exclude, model_list=_OLD_MODELS)


def config_list_from_dotenv(
    dotenv_file_path: str | None = None,
    model_api_key_map: Mapping[str, str | Mapping[str, Any]] | None = None,
    filter_dict: Wanted | None = None,
) -> list[Config]:
    """One entry a model: the map says which variable holds its key, or an entry with `api_key_env_var`; a .env file adds variables.

    The two old models are always among them. Models without a key, and a file that is not there, are passed over.
    """
    variables = dict(os.environ)
    path = dotenv_file_path or ".env"
    if os.path.exists(path):
        variables = _dotenv(read_file(path)) | variables
    keys = dict(model_api_key_map or {})
    for model in _OLD_MODELS:
        keys.setdefault(model, "OPENAI_API_KEY")
    found: list[Config] = []
    for model, said in keys.items():
        entry: Config = {"api_key_env_var": said} if isinstance(said, str) else dict(said)
        key = variables.get(entry.pop("api_key_env_var", "OPENAI_API_KEY"), "").strip()
        if key:
            found.append({"model": model, "api_key": key, **{name: value for name, value in entry.items() if value}})
    return filter_config(found, filter_dict)


def _dotenv(text: str) -> dict[str, str]:
    """The assignments in a .env file: `NAME=value`, with `export`, quotes and comments."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        found[name.strip()] = value[1:-1] if quoted else value.split(" #")[0].strip()
    return found


def read_file(path: str) -> str:
    """The text of a file, as far as it may go. Raises OSError."""
    with Path(path).open(encoding="utf-8") as file:
        return file.read(LARGEST_FILE)
