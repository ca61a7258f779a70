"""The program that keeps a Jupyter kernel inside a sandbox: takes cells as JSON lines, reports what they show, saves pictures as files.

It is never imported by the studio: its text is handed to a Python interpreter that has jupyter_client and ipykernel, in a container
or in a child process. The end of its input ends the kernel and itself.

Orders, one JSON object a line on standard input:

    {"do": "run", "id": 1, "code": "1 + 1"}
    {"do": "interrupt"}

Reports, one JSON object a line on standard output; `is: missing` and `is: ended` are the last ones of a program:

    {"is": "ready"}                                {"is": "missing", "module": "ipykernel"}
    {"is": "text", "id": 1, "text": "2\\n"}         {"is": "saved", "id": 1, "name": "output_1.png"}
    {"is": "done", "id": 1, "ok": true}            {"is": "ended", "why": "the kernel did not start"}
"""

from __future__ import annotations

import base64
import json
import os
import queue
import re
import sys
import tempfile
import threading
import time
from typing import Any

STARTING = 30.0
POLLING = 0.25
MAX_SHOWN = 64 * 1024 * 1024
"""Characters of one picture or page."""
PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/svg+xml": "svg"}
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")
_CELL_FILES = re.compile(r"File .*?ipykernel_\d+[/\\]\d+\.py[^\n]*?(?=, line|:\d+)")
_speaking = threading.Lock()


def say(**report: Any) -> None:
    with _speaking:
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()


class Kernel:
    """One kernel, and the cell that it is busy with."""

    def __init__(self) -> None:
        from jupyter_client.manager import KernelManager

        self.manager = KernelManager()
        environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
        options = ["--InteractiveShell.xmode=Plain", "--InteractiveShell.colors=NoColor", "--HistoryManager.enabled=False"]
        silent = open(os.devnull, "w")  # noqa: SIM115  lives as long as the kernel
        self.manager.start_kernel(env=environment, stdout=silent, stderr=silent, extra_arguments=options)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=STARTING)
        self.updated: dict[str, dict[str, Any]] = {}

    def interrupt(self) -> None:
        self.manager.interrupt_kernel()

    def end(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, number: int, code: str) -> bool:
        """Run one cell to its end. Returns whether it went well. Raises RuntimeError when the kernel has died."""
        message = self.client.execute(code, allow_stdin=False, store_history=True)
        self.updated.clear()
        while True:
            try:
                heard = self.client.get_iopub_msg(timeout=POLLING)
            except queue.Empty:
                if not self.manager.is_alive():
                    raise RuntimeError("the kernel has died") from None
                continue
            if heard["parent_header"].get("msg_id") != message:
                continue
            kind, content = heard["msg_type"], heard["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            self.shown(number, kind, content)
        for data in self.updated.values():
            self.displayed(number, data)
        ends = time.monotonic() + STARTING
        while time.monotonic() < ends:
            try:
                reply = self.client.get_shell_msg(timeout=POLLING)
            except queue.Empty:
                if not self.manager.is_alive():
                    raise RuntimeError("the kernel has died") from None
                continue
            if reply["parent_header"].get("msg_id") == message:
                return bool(reply["content"]["status"] == "ok")
        raise RuntimeError("the kernel does not answer")

    def shown(self, number: int, kind: str, content: dict[str, Any]) -> None:
        if kind == "stream":
            say(**{"is": "text", "id": number, "text": content["text"]})
        elif kind == "error":
            lines = _COLOURS.sub("", "\n".join(content["traceback"]))
            say(**{"is": "text", "id": number, "text": _CELL_FILES.sub("Cell", lines).rstrip() + "\n"})
        elif kind in ("execute_result", "display_data"):
            self.displayed(number, content["data"])
        elif kind == "update_display_data":
            # What was shown cannot be taken back: of all that comes later the last is shown, at the cell's end.
            self.updated[str(content.get("transient", {}).get("display_id"))] = content["data"]

    def displayed(self, number: int, data: dict[str, Any]) -> None:
        """Save the picture or the page that was shown; say the text that stands for it where there is no picture."""
        for kind, ending in PICTURES.items():
            if isinstance(data.get(kind), str):
                text = data[kind]
                try:
                    content = text.encode() if kind == "image/svg+xml" else base64.b64decode(text)
                except ValueError:
                    continue
                self.saved(number, content, ending)
                return
        if isinstance(data.get("text/html"), str):
            self.saved(number, data["text/html"].encode(), "html")
        if text := written(data):
            say(**{"is": "text", "id": number, "text": _COLOURS.sub("", text) + "\n"})

    def saved(self, number: int, content: bytes, ending: str) -> None:
        """Under the first name that is free; a link that lies there counts as taken."""
        if len(content) > MAX_SHOWN:
            say(**{"is": "unshown", "id": number})
            return
        for count in range(1, 10_000):
            name = f"output_{count}.{ending}"
            try:
                with open(name, "xb") as file:
                    file.write(content)
            except FileExistsError:
                continue
            except OSError:
                say(**{"is": "unshown", "id": number})
                return
            say(**{"is": "saved", "id": number, "name": name})
            return


def written(data: dict[str, Any]) -> str:
    """The text of what was shown, or what there is instead where that only names an object of IPython's."""
    plain = data.get("text/plain")
    if isinstance(plain, str) and not plain.startswith("<IPython.core.display."):
        return plain
    for kind in ("text/markdown", "text/latex"):
        if isinstance(data.get(kind), str):
            return str(data[kind])
    return json.dumps(data["application/json"], ensure_ascii=False) if "application/json" in data else ""


def missing_module() -> str:
    from importlib.util import find_spec

    return next((name for name in ("jupyter_client", "ipykernel") if find_spec(name) is None), "")


def main() -> None:
    # Nothing that the kernel prints beside its messages may be taken for a report.
    sys.path[:] = [place for place in sys.path if place not in ("", os.getcwd())]
    if name := missing_module():
        say(**{"is": "missing", "module": name})
        return
    orders: queue.Queue[dict[str, Any] | None] = queue.Queue()
    place = tempfile.mkdtemp(prefix="kernel-")  # the work folder, which is its home, is for people
    os.environ |= {"IPYTHONDIR": place, "JUPYTER_RUNTIME_DIR": place, "JUPYTER_CONFIG_DIR": place, "JUPYTER_DATA_DIR": place}
    try:
        kernel = Kernel()
    except Exception as mistake:
        say(**{"is": "ended", "why": f"{type(mistake).__name__}: {mistake}"[:300]})
        os._exit(1)

    def read() -> None:
        for line in sys.stdin:
            order = json.loads(line)
            if order["do"] == "interrupt":
                kernel.interrupt()
            else:
                orders.put(order)
        orders.put(None)

    threading.Thread(target=read, daemon=True).start()
    say(**{"is": "ready"})
    while (order := orders.get()) is not None:
        try:
            ok = kernel.run(order["id"], order["code"])
        except RuntimeError as mistake:
            say(**{"is": "ended", "why": str(mistake)})
            os._exit(1)
        say(**{"is": "done", "id": order["id"], "ok": ok})
    kernel.end()
    os._exit(0)


if __name__ == "__main__":
    main()
