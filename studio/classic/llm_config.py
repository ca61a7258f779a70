"""A model's configuration as an object, the way AG2 writes it; wherever a dictionary is taken, it is one."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Self

from studio.classic.config_lists import config_list_from_json, filter_config
from studio.classic.model_configs import ConfigUnusable
from studio.texts import text

_ENTRY = frozenset("model api_key api_type base_url api_version price tags client_host azure_deployment".split())
_current: ContextVar[LLMConfig | None] = ContextVar("_current", default=None)


class LLMConfig(dict[str, Any]):
    """`LLMConfig({…}, {…}, temperature=0)`, `LLMConfig(config_list=[…])` or `LLMConfig(api_type=…, model=…)`.

    In a `with` block it is the configuration of every agent that names none.
    """

    def __init__(self, *entries: Mapping[str, Any], **options: Any) -> None:
        if len(entries) == 1 and not options and "config_list" in entries[0]:
            options, entries = dict(entries[0]), ()
        listed = [dict(entry) for entry in entries] or [dict(entry) for entry in options.pop("config_list", ())]
        if not listed:
            listed = [{name: options.pop(name) for name in list(options) if name in _ENTRY}]
        super().__init__(config_list=listed, **options)
        self._tokens: list[Token[LLMConfig | None]] = []

    @property
    def config_list(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self["config_list"]
        return entries

    @classmethod
    def from_json(cls, *, env: str | None = None, path: str | None = None, file_location: str | None = None, **options: Any) -> Self:
        """From a variable or a file that holds a list. Raises FileNotFoundError and ConfigUnusable."""
        return cls(config_list=config_list_from_json(env or path or "OAI_CONFIG_LIST", file_location), **options)

    def where(self, *, exclude: bool = False, **wanted: Any) -> LLMConfig:
        """The same with the entries alone whose values are wanted. Raises ConfigUnusable when there is none."""
        rest = {name: value for name, value in self.items() if name != "config_list"}
        entries = filter_config(self.config_list, wanted, exclude)
        if not entries:
            named = ", ".join(f"{name}={value!r}" for name, value in wanted.items())
            raise ConfigUnusable(text("classic.configs.none_left", wanted=named), text("classic.configs.none_left.remedy"))
        return LLMConfig(config_list=entries, **rest)

    @staticmethod
    def current() -> LLMConfig | None:
        """The configuration of the `with` block around."""
        return _current.get()

    @classmethod
    def get_current_llm_config(cls, llm_config: LLMConfig | None = None) -> LLMConfig | None:
        """A copy of the one that is given, else of that of the `with` block around."""
        found = llm_config if llm_config is not None else cls.current()
        return None if found is None else LLMConfig(**found)

    def __enter__(self) -> Self:
        self._tokens.append(_current.set(self))
        return self

    def __exit__(self, kind: type[BaseException] | None, mistake: BaseException | None, trace: TracebackType | None) -> None:
        _current.reset(self._tokens.pop())
