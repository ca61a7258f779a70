"""Which packages a program needs: its framework, pinned, with the extras that it imports, and whatever else it imports."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from studio import __version__
from studio.engine.parsing import parsed

AUTOGEN = "0.7.5"
CLASSIC = "0.2.40"

_OTHER_NAMES: Mapping[str, str] = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "jwt": "pyjwt",
    "pptx": "python-pptx",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
"""Packages that are not called as what they give."""

_EXTENSIONS: Mapping[str, str] = {
    "models.openai": "openai",
    "models.anthropic": "anthropic",
    "code_executors.docker": "docker",
    "code_executors.jupyter": "jupyter-executor",
    "tools.http": "http-tool",
    "tools.mcp": "mcp",
    "agents.web_surfer": "web-surfer",
    "agents.file_surfer": "file-surfer",
    "agents.video_surfer": "video-surfer",
}
"""Extras of autogen-ext by the beginning of the module that needs them."""


_OWN: Mapping[str, str] = {
    "AnthropicModel": "anthropic",
    "GeminiModel": "gemini",
    "JupyterExecutor": "jupyter",
    "McpServer": "mcp",
    "Video": "video",
    "WebBrowser": "browser",
}
"""Extras of our own package by the name of the engine's that needs them."""


_AGENT_FRAMEWORK: Mapping[str, str] = {
    "agent_framework.anthropic": "agent-framework-anthropic==1.0.0b261022",
    "agent_framework.gemini": "agent-framework-gemini==1.0.0b261022",
    "agent_framework.openai": "agent-framework-openai==1.17.0",
    "agent_framework.orchestrations": "agent-framework-orchestrations==1.4.0",
    "agent_framework.tools": "agent-framework-tools==1.0.0b261022",
}
"""Distributions of the Agent Framework beside its core, by the module that is theirs."""

_CORE = "agent-framework-core==1.23.0"
_WHOLE = "agent-framework==1.23.0"
_SERVERS = ("mcp==2.3.0", "tenacity==9.1.4")
"""What its core needs for servers of tools, and brings along with the whole alone."""

_CLASSIC: Mapping[str, str] = {"anthropic": "anthropic", "google": "gemini"}
"""Extras of AutoGen 0.2 by the `api_type` of a model."""

_ANTHROPIC_BEFORE = "anthropic==0.125.0"
"""AutoGen 0.2 asks for no upper limit, and cannot import a newer one."""


@dataclass(frozen=True, slots=True)
class Framework:
    """What people call it, the first parts of its modules, and the first Python that it cannot be installed for; empty for none."""

    title: str
    modules: tuple[str, ...]
    before: str = ""


FRAMEWORKS: Mapping[str, Framework] = {
    "convene": Framework("Convene", ("studio",)),
    "autogen": Framework("AutoGen 0.7", ("autogen_agentchat", "autogen_core", "autogen_ext")),
    "classic": Framework("AutoGen 0.2", ("autogen",), "3.13"),
    "agent-framework": Framework("Microsoft Agent Framework", ("agent_framework",)),
}


def requirements(target: str, program: str) -> list[str]:
    """What pip has to install for a program that was written for a target. Raises SyntaxError for a text that is no Python."""
    modules = sorted(set(imported(program)))
    return [*_framework(target, modules, program), *others(modules, FRAMEWORKS[target].modules)]


def others(modules: list[str], own: tuple[str, ...]) -> list[str]:
    """Packages for what is imported beside the framework and the standard library, in no version: only who wrote the tool knows it."""
    first = {module.partition(".")[0] for module in modules} - {*own, "tools"} - sys.stdlib_module_names
    return sorted({_OTHER_NAMES.get(name, name.replace("_", "-")) for name in first})


def imported(program: str) -> Iterator[str]:
    """The modules that a program imports anywhere, in full, and those that it has AutoGen load components from."""
    for node in ast.walk(parsed(program)):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Call(func=ast.Attribute(attr="load_component"), args=[ast.Dict(keys=keys, values=values), *_]):
                for key, value in zip(keys, values, strict=True):
                    match key, value:
                        case ast.Constant(value="provider"), ast.Constant(value=str(provider)) if provider.count("."):
                            yield provider.rpartition(".")[0]


def _framework(target: str, modules: list[str], program: str) -> Iterator[str]:
    match target:
        case "autogen":
            yield f"autogen-agentchat=={AUTOGEN}"
            inner = [module.removeprefix("autogen_ext.") for module in modules if module.startswith("autogen_ext")]
            extras = {extra for start, extra in _EXTENSIONS.items() if any(each.startswith(start) for each in inner)}
            if "code_executors" in inner:
                # Which is where the executor is chosen by itself: a container where one can be had.
                extras.add("docker")
            if inner:
                yield f"autogen-ext[{','.join(sorted(extras))}]=={AUTOGEN}" if extras else f"autogen-ext=={AUTOGEN}"
            if any(each.startswith("tools.mcp") for each in inner):
                # AutoGen asks for no upper limit, and its last release cannot import a newer one.
                yield "mcp==1.30.0"
        case "classic":
            extras = {extra for kind, extra in _CLASSIC.items() if f'"api_type": "{kind}"' in program}
            if any(each.endswith(".multimodal_conversable_agent") for each in modules):
                extras.add("lmm")
            yield f"autogen-agentchat[{','.join(sorted(extras))}]=={CLASSIC}" if extras else f"autogen-agentchat=={CLASSIC}"
            if "anthropic" in extras:
                yield _ANTHROPIC_BEFORE
        case "agent-framework":
            yield _CORE
            yield from (package for module, package in _AGENT_FRAMEWORK.items() if any(each.startswith(module) for each in modules))
            if re.search(r"\bMCP\w+Tool\(", program):
                yield from _SERVERS
            if any(re.match(r"agent_framework\.[a-z]", each) and not each.startswith(tuple(_AGENT_FRAMEWORK)) for each in modules):
                # The rest of its parts come with the whole.
                yield _WHOLE
        case _:
            names = {alias.name for node in ast.walk(parsed(program)) if isinstance(node, ast.ImportFrom) for alias in node.names}
            needed = sorted(extra for name, extra in _OWN.items() if name in names)
            yield f"convene-studio[{','.join(needed)}]=={__version__}" if needed else f"convene-studio=={__version__}"
