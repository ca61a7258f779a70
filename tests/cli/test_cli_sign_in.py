"""`convene run` with a server of tools that wants a person to sign in: the address is printed, and the run goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from command_line import Convene
from flow_files import agent, flow_file
from mcp_oauth_server import browse, guarded_server

ROOT = Path(__file__).parent.parent.parent


def with_server(folder: Path, url: str) -> Path:
    file = flow_file(folder, agent("clerk"), script={"clerk": ["done"]}, turns=1, name="Vault")
    document = json.loads(file.read_text())
    document["nodes"].append(
        {"id": "n_vault", "kind": "mcp", "name": "vault", "config": {"transport": {"kind": "streamable_http", "url": url}}}
    )
    document["edges"].append({"id": "e_vault", "kind": "tool", "source": "n_vault", "target": "n_clerk"})
    file.write_text(json.dumps(document))
    return file


def test_the_address_is_printed_and_the_run_goes_on_when_the_browser_was_there(tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    answers.write_text("yes\ny\n")
    with guarded_server() as server:
        command = [
            sys.executable,
            "-m",
            "studio",
            "run",
            with_server(tmp_path, server.url),
            "--task",
            "Go.",
            "--json",
            "--answers",
            answers,
        ]
        environment = {**os.environ, "CONVENE_DATA": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            assert process.stdout is not None
            said = []
            for line in process.stderr:
                said.append(line)
                if line.startswith(f"{server.origin}/authorize?"):
                    urllib.request.urlopen(browse(line.strip()), timeout=10).read()
            rows = [json.loads(line) for line in process.stdout]
        told = "".join(said) + json.dumps(rows)
        secrets = server.desk.given
    assert process.returncode == 0, told
    assert f"You are signed in at {server.url}." in told
    assert next(row for row in rows if row["type"] == "tools_offered")["tools"][0]["name"] == "open_vault"
    assert secrets
    assert not [secret for secret in secrets if secret in told]


def test_without_somebody_who_signs_in_the_run_goes_on_without_the_server_or_waits(convene: Convene, tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    with guarded_server() as server:
        file = with_server(tmp_path, server.url)
        answers.write_text("yes\nno\n")
        done = convene("run", file, "--task", "Go.", "--json", "--answers", answers)
        assert done.status == 0
        assert next(row for row in done.rows if row["type"] == "tools_offered")["tools"] == []
        answers.write_text("yes\n")
        left = convene("run", file, "--task", "Go.", "--json", "--answers", answers)
        assert left.status == 3
        assert left.rows[-2]["subject"].startswith("sign_in:")
