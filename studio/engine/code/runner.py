"""The program inside every sandbox: takes jobs as JSON lines, runs each in a session of its own, reports output and end.

It is never imported by the studio: its text is handed to a Python interpreter, in a container or in a child process, so
it needs nothing but the standard library of Python 3.10 and knows nothing of Convene.

Orders, one JSON object a line on standard input; the end of the input ends every process and the runner itself:

    {"do": "run", "id": 1, "argv": ["python", "x.py"], "cwd": "/work", "env": {}, "input": null, "result": false, "timeout": 60.0}
    {"do": "kill", "id": 1, "why": "stopped"}
    {"do": "feed", "id": 1, "text": "more\\n"}         to the standard input of a job that was started with "talk": true

A job with "talk" reports all that it prints, up to MAX_PRINTED for each feed.

Reports, one JSON object a line on standard output:

    {"is": "ready", "cwd": "/work", "writable": true, "found": true}
    {"is": "out", "id": 1, "text": "..."}
    {"is": "end", "id": 1, "code": 0, "why": "", "omitted": 0, "tail": "", "result": null, "seconds": 0.01}

`why` is empty, timeout, output (printed too much), memory, start (could not be started), or what a kill said. Of a job's
output the first HEAD characters come as they are printed, the last TAIL with the end, and `omitted` counts those between.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from typing import Any

HEAD = 64 * 1024
TAIL = 64 * 1024
MAX_PRINTED = 16 * 1024 * 1024
"""Bytes: a job that prints more is ended."""
MAX_RESULT = 1024 * 1024
MAX_OPEN_FILES = 1024
DRAINING = 1.0
"""Seconds in which the output must end once no process of the job is left."""

LINUX = sys.platform.startswith("linux")
POSIX = os.name == "posix"


class Runner:
    """All jobs. `alone`: this process owns its pid namespace, so that everything else in it may be ended."""

    def __init__(self, alone: bool) -> None:
        self.alone = alone
        self.jobs: dict[int, Job] = {}
        self.lock = threading.Lock()
        self.spawning = threading.Lock()
        self.speaking = threading.Lock()

    def say(self, report: dict[str, Any]) -> None:
        line = json.dumps(report).encode("ascii") + b"\n"
        try:
            with self.speaking:
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
        except (OSError, ValueError):
            self.end_everything()
            os._exit(1)

    def obey(self, order: dict[str, Any]) -> None:
        number = order["id"]
        if order["do"] == "feed":
            with self.lock:
                job = self.jobs.get(number)
            if job is not None:
                job.feed(order["text"])
            return
        if order["do"] == "kill":
            with self.lock:
                job = self.jobs.get(number)
            if job is not None:
                job.kill(order.get("why", "stopped"))
            return
        job = Job(self, order)
        with self.lock:
            self.jobs[number] = job
        try:
            threading.Thread(target=job.run, daemon=True).start()
        except RuntimeError as mistake:
            job.end_without_start(mistake)

    def sweep(self, job: Job) -> None:
        """End what a finished job left behind; with no other job under way that is everything."""
        job.signal_group()
        with self.spawning:
            with self.lock:
                job.finishing = True
                others = any(not other.finishing for other in self.jobs.values())
            if not others:
                self.end_everything()
                return
            for _ in range(20):
                left = [pid for pid, group, session in processes(self.alone) if job.owns(pid, group, session)]
                if not kill_and_reap(left, self.roots()):
                    return
                time.sleep(0.005)

    def roots(self) -> set[int]:
        with self.lock:
            return {job.process.pid for job in self.jobs.values() if job.process is not None}

    def end_everything(self) -> None:
        roots = self.roots()
        if self.alone and LINUX:
            with contextlib.suppress(OSError):
                os.kill(-1, signal.SIGKILL)
        for pid in roots:
            signal_group(pid)
        for _ in range(100):
            if not kill_and_reap([row[0] for row in processes(self.alone)], roots):
                return
            time.sleep(0.005)


class Job:
    """One child process, with everything that it starts."""

    def __init__(self, runner: Runner, order: dict[str, Any]) -> None:
        self.runner = runner
        self.order = order
        self.mark = f"{os.getpid()}-{order['id']}-{time.monotonic_ns()}"
        self.process: subprocess.Popen[bytes] | None = None
        self.why = ""
        self.closing = threading.Lock()
        self.ended = False
        self.finishing = False
        self.began = time.monotonic()
        self.output = Output(self)

    def run(self) -> None:
        """In a thread of its own. What needs threads or pipes is made before the child, which may use up everything."""
        order = self.order
        result = None
        read = -1
        try:
            environment = {**os.environ, **order.get("env", {}), "CONVENE_JOB": self.mark}
            if order.get("result"):
                handle, result = tempfile.mkstemp(prefix="result-")
                os.close(handle)
                environment["CONVENE_RESULT"] = result
            read, write = os.pipe()
            reader = threading.Thread(target=self.output.read, args=(read,), daemon=True)
            reader.start()
            timer = threading.Timer(order["timeout"], self.kill, ("timeout",))
            timer.daemon = True
            timer.start()
            try:
                with input_file(order) as standard_input, self.runner.spawning:
                    self.process = subprocess.Popen(
                        command(order["argv"]),
                        cwd=order["cwd"],
                        env=environment,
                        stdin=standard_input,
                        stdout=write,
                        stderr=subprocess.STDOUT,
                        start_new_session=POSIX,
                    )
            finally:
                os.close(write)
            restrain(self.process.pid, order["timeout"], self.runner.alone)
            if self.why:
                self.signal_group()
            killed_before = memory_kills()
            code = self.process.wait()
            timer.cancel()
            self.runner.sweep(self)
            reader.join(DRAINING)
            if code != 0 and not self.why and memory_kills() > killed_before:
                self.why = "memory"
            self.end(128 - code if code < 0 else code, read_result(result))
        except FileNotFoundError as mistake:
            self.end_without_start(mistake, missing=program_of(order["argv"]))
        except (OSError, RuntimeError, ValueError) as mistake:
            self.end_without_start(mistake)
        finally:
            if result is not None:
                with contextlib.suppress(OSError):
                    os.unlink(result)

    def feed(self, text: str) -> None:
        self.output.printed = 0
        if self.process is not None and self.process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                self.process.stdin.write(text.encode("utf-8", "replace"))
                self.process.stdin.flush()

    def kill(self, why: str) -> None:
        with self.closing:
            if self.ended:
                return
            self.why = self.why or why
        self.signal_group()

    def signal_group(self) -> None:
        if self.process is not None:
            signal_group(self.process.pid)

    def owns(self, pid: int, group: int, session: int) -> bool:
        root = self.process.pid if self.process is not None else -1
        if root in (pid, group, session):
            return True
        try:
            with open(f"/proc/{pid}/environ", "rb") as environment:
                return f"CONVENE_JOB={self.mark}".encode() in environment.read(256 * 1024).split(b"\0")
        except OSError:
            return False

    def end_without_start(self, mistake: Exception, missing: str = "") -> None:
        self.why = self.why or "start"
        self.signal_group()
        with contextlib.suppress(Exception):
            self.runner.sweep(self)
        if missing and shutil.which(missing) is None:
            self.output.add(f"There is no {missing} here.")
            self.end(127, None)
            return
        self.output.add(f"{type(mistake).__name__}: {mistake}")
        self.end(126, None)

    def end(self, code: int, result: str | None) -> None:
        with self.closing:
            if self.ended:
                return
            self.ended = True
        omitted, tail = self.output.close()
        with self.runner.lock:
            self.runner.jobs.pop(self.order["id"], None)
        self.runner.say(
            {
                "is": "end",
                "id": self.order["id"],
                "code": code,
                "why": self.why,
                "omitted": omitted,
                "tail": tail,
                "result": result,
                "seconds": round(time.monotonic() - self.began, 4),
            }
        )


class Output:
    """What a job prints: reported until HEAD characters, then only the end of it is kept."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.lock = threading.Lock()
        self.closed = False
        self.talks = bool(job.order.get("talk"))
        self.printed = 0
        self.reported = 0
        self.omitted = 0
        self.tail: deque[str] = deque()
        self.tail_length = 0

    def read(self, descriptor: int) -> None:
        """In a thread of its own, until nobody holds the other end any more."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        try:
            while True:
                data = os.read(descriptor, 65_536)
                self.add(decode(data, not data))
                if not data:
                    return
                self.printed += len(data)
                if self.printed > MAX_PRINTED:
                    self.job.kill("output")
                    return
                if len(data) < 4_096:
                    time.sleep(0.005)  # gathers what is printed piece by piece into fewer reports
        except OSError:
            return
        finally:
            os.close(descriptor)

    def add(self, text: str) -> None:
        text = text.replace("\0", "\ufffd")
        with self.lock:
            if self.closed or not text:
                return
            room = len(text) if self.talks else HEAD - self.reported
            if room > 0:
                self.reported += len(text[:room])
                self.job.runner.say({"is": "out", "id": self.job.order["id"], "text": text[:room]})
                text = text[room:]
            if text:
                self.tail.append(text)
                self.tail_length += len(text)
                while self.tail_length - len(self.tail[0]) >= TAIL:
                    dropped = len(self.tail.popleft())
                    self.tail_length -= dropped
                    self.omitted += dropped

    def close(self) -> tuple[int, str]:
        with self.lock:
            self.closed = True
            tail = "".join(self.tail)
            cut = max(0, len(tail) - TAIL)
            return self.omitted + cut, tail[cut:]


# Processes ------------------------------------------------------------------------------------------------------------


def command(argv: list[str]) -> list[str]:
    return [program_of(argv), *argv[1:]]


def program_of(argv: list[str]) -> str:
    """`python` is the interpreter that runs this; a missing bash is replaced by sh, a missing pwsh by Windows' own."""
    program = argv[0]
    if program == "python":
        return sys.executable
    if program == "bash" and shutil.which("bash") is None:
        return "sh"
    if program == "pwsh" and shutil.which("pwsh") is None and shutil.which("powershell") is not None:
        return "powershell"
    return program


@contextlib.contextmanager
def input_file(order: dict[str, Any]) -> Any:
    text = order.get("input")
    if order.get("talk"):
        yield subprocess.PIPE
        return
    if text is None:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:
        file.write(text.encode("utf-8"))
        file.seek(0)
        yield file


def read_result(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            return file.read(MAX_RESULT).decode("utf-8", "replace") or None
    except OSError:
        return None


def signal_group(pid: int) -> None:
    with contextlib.suppress(OSError):
        if POSIX:
            os.killpg(pid, signal.SIGKILL)
        else:
            subprocess.run(["taskkill", "/PID", str(pid), "/T", "/F"], capture_output=True, timeout=5, check=False)


def processes(alone: bool) -> list[tuple[int, int, int]]:
    """(pid, group, session) of everything that this runner answers for. Empty where there is no /proc."""
    me = os.getpid()
    rows: list[tuple[int, int, int]] = []
    parents: dict[int, int] = {}
    for name in os.listdir("/proc") if LINUX else ():
        if not name.isdigit() or int(name) in (1, me):
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                parts = stat.read().rpartition(")")[2].split()
            rows.append((int(name), int(parts[2]), int(parts[3])))
            parents[int(name)] = int(parts[1])
    if alone:
        return rows
    found = {me}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return [row for row in rows if row[0] in found]


def kill_and_reap(pids: list[int], roots: set[int]) -> bool:
    """Whether any of them still lived. Children that `subprocess` waits for are not reaped here."""
    living = False
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        if pid in roots:
            continue
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                living = True
        except ChildProcessError:
            living = living or not dead(pid)
        except OSError:
            pass
    return living


def dead(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


def become_subreaper() -> None:
    """Daemons that jobs start become children of this process, so that they can be found."""
    with contextlib.suppress(Exception):
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def restrain_all(wanted: dict[str, int]) -> None:
    """Limits that every process inherits. A container has its own, so that none are wanted there.

    Memory is what a process may write to (RLIMIT_DATA), not its addresses (RLIMIT_AS): many programs reserve far more than they use.
    """
    if not wanted or not POSIX:
        return
    import resource

    limits = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, wanted["disk"]), (resource.RLIMIT_NOFILE, MAX_OPEN_FILES)]
    limits.append((resource.RLIMIT_DATA if LINUX else resource.RLIMIT_AS, wanted["memory"]))
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/loadavg", encoding="ascii") as load:
        limits.append((resource.RLIMIT_NPROC, int(load.read().split()[3].split("/")[1]) + wanted["processes"]))
    for kind, limit in limits:
        with contextlib.suppress(OSError, ValueError):
            hard = resource.getrlimit(kind)[1]
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (limit, limit))


def restrain(pid: int, timeout: float, alone: bool) -> None:
    """Set from outside, right after the start: code between fork and exec is unsafe beside threads."""
    if not LINUX:
        return
    with contextlib.suppress(OSError), open(f"/proc/{pid}/oom_score_adj", "w", encoding="ascii") as score:
        score.write("1000")
    if not alone:
        import resource

        with contextlib.suppress(OSError, ValueError):
            seconds = int(timeout * (os.cpu_count() or 1)) + 5
            resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))


def memory_kills() -> int:
    """How often the kernel ended a process of this container for want of memory."""
    for path in ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"):
        with contextlib.suppress(OSError, ValueError), open(path, encoding="ascii") as file:
            for line in file:
                name, _, number = line.partition(" ")
                if name == "oom_kill":
                    return int(number)
    return 0


def main() -> None:
    alone = "--alone" in sys.argv
    limits = json.loads(sys.argv[sys.argv.index("--limits") + 1]) if "--limits" in sys.argv else {}
    os.umask(0o000 if alone else 0o022)
    runner = Runner(alone)
    restrain_all(limits)
    if LINUX and not alone:
        become_subreaper()
    token = sys.argv[-1] if alone else ""
    here = os.getcwd()
    runner.say({"is": "ready", "cwd": here, "writable": os.access(here, os.W_OK), "found": bool(token) and os.path.exists(token)})
    for line in sys.stdin.buffer:
        runner.obey(json.loads(line))
    runner.end_everything()
    os._exit(0)


if __name__ == "__main__":
    main()
