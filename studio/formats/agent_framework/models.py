"""Writing models as chat clients of Agent Framework."""

from __future__ import annotations

from collections.abc import Collection

from studio.engine.models.base import Model
from studio.engine.models.fallback import FallbackModel
from studio.engine.teams.team import Team
from studio.flow.document import FlowDocument
from studio.formats.python_text.endpoints import Endpoint, endpoints
from studio.formats.python_text.literals import literal
from studio.formats.python_text.program import Program
from studio.formats.python_text.walk import distinct, inner_first

CORE = "agent_framework"
ORCHESTRATIONS = "agent_framework.orchestrations"

_CLIENTS = {
    "openai": ("OpenAIChatCompletionClient", "agent_framework.openai", ""),
    "azure": ("OpenAIChatCompletionClient", "agent_framework.openai", ""),
    "anthropic": ("AnthropicClient", "agent_framework.anthropic", "agent-framework-anthropic"),
    "gemini": ("GeminiChatClient", "agent_framework.gemini", "agent-framework-gemini"),
}
"""The class, its module, and the package that it needs beside those of every program, by the protocol."""


class ModelWriting(Program):
    """Writes models; each one once, as a variable. Statements are kept by what they are about, in the order of the file."""

    target = "Agent Framework"
    team_variables = ("workflow",)

    def __init__(self, document: FlowDocument, team: Team, participants: dict[str, str], reserved: Collection[str]) -> None:
        super().__init__(document, team, participants, reserved)
        self.inner = False
        self.planned = False
        self.last_tools: list[str] = []
        self.counting = False
        self.servers: dict[str, str] = {}
        self.model_statements: list[str] = []
        self.agent_statements: list[str] = []
        self.team_statements: list[str] = []
        self._models = distinct(self.team, Model)
        self._limited: dict[tuple[str, int], str] = {}

    def client(self, model: Model) -> str:
        """The variable of a model's client."""
        key = model.model_dump_json()
        if key in self.model_variables:
            for again, first in zip(inner_first(model), inner_first(self.first_models[key]), strict=True):
                self.losses.said_as(again, first)
            return self.model_variables[key]
        self.first_models[key] = model
        places = endpoints(model, self.losses)
        if isinstance(model, FallbackModel) and len(places) > 1:
            self.losses.lose("fallback", model, *FallbackModel.model_fields)
            for place in places[1:]:
                self.losses.said(place.owner, *type(place.owner).model_fields)
        label = self.losses.label(model)
        self.model_variables[key] = self.names.new(f"{label}_client" if label and len(self._models) > 1 else "client", "client")
        self.model_statements.append(f"{self.model_variables[key]} = {self._call(places[0])}")
        return self.model_variables[key]

    def limited_client(self, model: Model, rounds: int, owner: str) -> str | None:
        """The variable of a client that has its tools called so often at most, then asks for words; None for one that cannot be told so."""
        place = endpoints(model, self.losses)[0]
        if _CLIENTS[place.protocol][0] != "OpenAIChatCompletionClient" or isinstance(model, FallbackModel):
            return None
        key = (model.model_dump_json(), rounds)
        if key not in self._limited:
            self._limited[key] = self.names.new(f"{owner}_client", "client")
            limit = f'function_invocation_configuration={{"max_iterations": {rounds}}}'
            self.model_statements.append(f"{self._limited[key]} = {self._call(place)[:-1]}, {limit})")
        return self._limited[key]

    def _call(self, place: Endpoint) -> str:
        name, module, package = _CLIENTS[place.protocol]
        if package:
            self.losses.lose("extra_package", place.owner, package=package)
        said = {"model": place.model, "api_key": place.key}
        if place.is_plain:
            del said["api_key"]
        if any("os." in value for value in (*said.values(), place.base_url)):
            self.script.module("os")
        if place.protocol == "azure":
            said |= {"azure_endpoint": place.base_url, "api_version": 'os.environ.get("OPENAI_API_VERSION", "2024-10-21")'}
        elif place.base_url:
            said["base_url"] = place.base_url
        return f"{self.script.use(name, module)}({', '.join(f'{key}={value}' for key, value in said.items())})"

    def options(self, model: Model) -> str:
        """What an agent asks of its model with every request, as a dictionary; empty for nothing."""
        while isinstance(model, FallbackModel):
            model = model.models[0]
        self.losses.said(model, "temperature", "max_tokens", "extra")
        found = {name: getattr(model, name, None) for name in ("temperature", "max_tokens")}
        info = type(model).model_fields
        given = {name: value for name, value in found.items() if name in info and value is not None and value != info[name].default}
        given |= getattr(model, "extra", None) or {}
        return literal(given) if given else ""
