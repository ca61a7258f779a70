"""The smoke test of a project: its conversation runs to its end, offline, with a scripted server in place of every model."""

from __future__ import annotations

import re
from collections.abc import Iterable

from studio.formats.python_text.formatting import formatted
from studio.formats.python_text.literals import literal

FILE = "test_smoke.py"

_TEST = '''
"""A smoke test: the conversation runs to its end, offline, with a scripted server on this machine in place of every model.

Run it with: python test_smoke.py
"""

import json
import os
import subprocess
import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SAYS = {says}
VARIABLES: list[str] = {variables}
WHY_NOT = {why_not}
ENDLESS = {{
    "No more mock responses": "the replies that main.py itself plays are over",
    "did not converge": "nothing but a person or a limit ends this conversation",
}}


class ScriptedModel(BaseHTTPRequestHandler):
    """Says the same to everybody, in the protocol of chat completions, as a whole or as a stream."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        streams = bool(request.get("stream"))
        part = "delta" if streams else "message"
        schema = (request.get("response_format") or {{}}).get("json_schema", {{}}).get("schema")
        says = json.dumps(sample(schema, schema)) if schema else SAYS
        content = [choice({{part: {{"role": "assistant", "content": says}}}}, None if streams else "stop")]
        if streams:
            content.append(choice({{"delta": {{}}}}, "stop"))
        body = (
            "".join(f"data: {{json.dumps(each)}}\\n\\n" for each in content) + "data: [DONE]\\n\\n"
            if streams
            else json.dumps(content[0])
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if streams else "application/json")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is told of the requests."""


def sample(schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    """A value of the shape that is asked for."""
    if "$ref" in schema:
        return sample(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return sample(schema["anyOf"][0], whole)
    if schema.get("type") == "object":
        return {{name: sample(each, whole) for name, each in schema.get("properties", {{}}).items()}}
    return {{"boolean": True, "integer": 1, "number": 1, "array": [], "null": None}}.get(schema.get("type", ""), SAYS)


def choice(said: dict[str, Any], finish: str | None) -> dict[str, Any]:
    """One answer, or a piece of one."""
    return {{
        "id": "smoke",
        "object": "chat.completion.chunk" if "delta" in said else "chat.completion",
        "created": 0,
        "model": "smoke",
        "choices": [{{"index": 0, **said, "finish_reason": finish}}],
        "usage": {{"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}},
    }}


class SmokeTest(unittest.TestCase):
    @unittest.skipIf(WHY_NOT, WHY_NOT)
    def test_the_conversation_runs_to_its_end(self) -> None:
        server = ThreadingHTTPServer(("127.0.0.1", 0), ScriptedModel)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{{server.server_port}}/v1"
        settings = {{name: "smoke-test" if name.endswith("_KEY") else address for name in VARIABLES}}
        done = subprocess.run(
            [sys.executable, "main.py", "Say hello."],
            cwd=Path(__file__).parent,
            env={{**os.environ, "AUTOGEN_USE_DOCKER": "0", "OPENAI_API_KEY": "smoke-test", "OPENAI_BASE_URL": address, **settings}},
            input="yes\\n" * 200,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        server.shutdown()
        server.server_close()
        for sign, why in ENDLESS.items():
            if sign in done.stderr:
                self.skipTest(why)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.strip(), "nothing was said")


if __name__ == "__main__":
    unittest.main()
'''

NEEDS_DOCKER = r"\bDocker\w*Executor\(|(?m:^)\w+ = DockerShellTool\("
"""What a program says that starts containers, come what may."""

_SPEAKS_NOT = "main.py asks a model that the scripted server does not speak for"
_REACHES = {
    r"base_url['\"]?\s*[=:]\s*['\"]https?://": "main.py names the address of a model server",
    r"\b(?:StdioServerParams|MCP\w+Tool|McpWorkbench|mcp_server_tools)\b": "main.py needs the servers of its tools",
    NEEDS_DOCKER: "main.py needs Docker for its code",
    r"\b(?:Anthropic|Gemini)\w*\(": _SPEAKS_NOT,
    r"\"api_type\": \"(?:anthropic|google)\"": _SPEAKS_NOT,
}
"""What keeps a program from being tried offline, and how that is said."""


def scripted_smoke_test(program: str, variables: Iterable[str], stop_words: Iterable[str]) -> str:
    """A test for a program of any framework that finds its model server in the environment. `stop_words` end the conversation."""
    why_not = next((why for pattern, why in _REACHES.items() if re.search(pattern, program)), "")
    names = sorted({name for name in variables if name.endswith(("_KEY", "_URL", "_ENDPOINT"))})
    says = " ".join(["Hello.", *dict.fromkeys(word for word in stop_words if word.strip())])
    return formatted(_TEST.lstrip().format(says=literal(says), variables=literal(names), why_not=literal(why_not)))[0]
