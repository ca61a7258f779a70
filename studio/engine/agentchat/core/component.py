"""Writing what a script built as the engine's JSON, and reading it again: no class is imported by a name in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel

from studio.engine.component import Component as EngineComponent
from studio.engine.component import component_class
from studio.engine.errors import FlowError
from studio.texts import text

PROVIDER = "convene"
"""What stands where AutoGen writes the path of a class."""


class ComponentModel(BaseModel):
    """The JSON of a component: `config` is the engine's own, as it stands in a flow file."""

    provider: str = PROVIDER
    component_type: str = ""
    version: int = 1
    component_version: int = 1
    description: str | None = None
    label: str | None = None
    config: dict[str, Any]


class ComponentBase:
    """Something that has an engine component behind it."""

    component_type: ClassVar[str] = ""

    def component(self) -> Any:
        """The engine's component. Raises FlowError where there is none that can be written."""
        raise FlowError(type(self).__name__, text("engine.agentchat.not_written"), text("engine.agentchat.write_python"))

    def dump_component(self) -> ComponentModel:
        """Raises FlowError for what only code can hold: functions, clients and agents of your own."""
        config = self.component().model_dump(mode="json")
        if _of_a_script(config):
            raise FlowError(type(self).__name__, text("engine.agentchat.not_written"), text("engine.agentchat.write_python"))
        return ComponentModel(component_type=self.component_type, label=type(self).__name__, config=config)

    @classmethod
    def load_component(cls, model: ComponentModel | Mapping[str, Any], expected: Any = None) -> Self:
        """What `dump_component` wrote. Raises FlowError for another provider's JSON, which the studio can import."""
        held = model if isinstance(model, ComponentModel) else ComponentModel.model_validate(model)
        if held.provider != PROVIDER:
            raise FlowError(held.provider, text("engine.agentchat.foreign_class"), text("engine.agentchat.foreign_class.remedy"))
        return cls.of_component(component_class(str(held.config.get("kind"))).model_validate(held.config))

    @classmethod
    def of_component(cls, component: EngineComponent) -> Self:
        """The object of a script around an engine component. Raises FlowError where there is none."""
        raise FlowError(cls.__name__, text("engine.agentchat.not_read"), text("engine.agentchat.write_python"))


def _of_a_script(config: Any) -> bool:
    """Whether something in it is only there while its script runs: a client, a tool, a rule of a class of its own."""
    if isinstance(config, Mapping):
        return str(config.get("kind", "")).startswith("agentchat_") or any(_of_a_script(each) for each in config.values())
    return isinstance(config, list) and any(_of_a_script(each) for each in config)
