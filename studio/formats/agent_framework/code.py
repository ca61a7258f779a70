"""Who runs code in a program for Agent Framework: it has shells for it, and no agent that uses one by itself."""

from __future__ import annotations

from studio.engine.code.base import Executor
from studio.engine.code.local import LocalExecutor
from studio.formats.python_text.literals import literal, quoted

IMAGE = "python:3.12-slim"
TIMEOUT = 60.0
"""Seconds that code may take where nobody says otherwise, in the studio and in the class below."""

NOTHING_TO_RUN = "There was no code to run. Send it fenced, with its language."
FENCED = r"```(?:python|py)\n(.*?)```"

NAME = "CodeExecutor"
SOURCE = '''CODING = Path("coding")
CODE = re.compile(r"```(?:python|py)\\r?\\n(.*?)```", re.DOTALL)
NO_CODE = "There was no code to run. Send it fenced, with its language."


class CodeExecutor(BaseAgent):
    """Runs the newest Python that others wrote, and says what came of it.

    It does so in a container without a network; without an image, or with USE_DOCKER=0
    in the environment, on this machine.
    """

    def __init__(
        self,
        name: str,
        description: str,
        sources: Sequence[str] = (),
        image: str = "python:3.12-slim",
        timeout: float = 60,
    ) -> None:
        super().__init__(name=name, description=description)
        self.sources = sources
        CODING.mkdir(exist_ok=True)
        self.shell: ShellExecutor = LocalShellTool(
            mode="stateless",
            workdir=CODING,
            timeout=timeout,
            approval_mode="never_require",
            acknowledge_unsafe=True,
        )
        self.python = Path(sys.executable).name
        if image and os.environ.get("USE_DOCKER") != "0":
            CODING.chmod(0o777)  # the container's user is nobody on this machine
            self.shell = DockerShellTool(
                image=image,
                mode="stateless",
                host_workdir=CODING.resolve(),
                mount_readonly=False,
                timeout=timeout,
            )
            self.python = "python"

    def run(self, messages: Any = None, *, stream: bool = False, **options: Any) -> Any:
        turn = ResponseStream(self.say(messages), finalizer=AgentResponse.from_updates)
        return turn if stream else turn.get_final_response()

    async def say(self, messages: Any) -> AsyncIterator[AgentResponseUpdate]:
        said = Content.from_text(await self.answer(messages or ()) or NO_CODE)
        yield AgentResponseUpdate(
            contents=[said], role="assistant", author_name=self.name
        )

    async def answer(self, messages: Sequence[Message]) -> str:
        """What came of the newest Python; empty where there is none."""
        for message in reversed(messages):
            blocks = CODE.findall(message.text)
            if blocks and (not self.sources or message.author_name in self.sources):
                (CODING / "code.py").write_text("\\n\\n".join(blocks), "utf-8")
                done = await self.shell.run(f"{self.python} -u code.py 2>&1")
                late = "Stopped: it took too long.\\n" if done.timed_out else ""
                outcome = "failed" if done.exit_code else "succeeded"
                return f"exitcode: {done.exit_code} (execution {outcome})\\nCode output: {done.stdout or done.stderr}{late}"
        return ""'''
"""The class of the agent. In a project it is a module of its own."""

MODULES = ("os", "re", "sys")
NAMES = {
    "agent_framework": ("AgentResponse", "AgentResponseUpdate", "BaseAgent", "Content", "Message", "ResponseStream"),
    "agent_framework.tools": ("DockerShellTool", "LocalShellTool", "ShellExecutor"),
    "collections.abc": ("AsyncIterator", "Sequence"),
    "pathlib": ("Path",),
    "typing": ("Any",),
}


def call(name: str, description: str, sources: list[str], executor: Executor) -> str:
    """The call that makes the agent; what the class has anyway is not said. `description` is a literal."""
    image = "" if isinstance(executor, LocalExecutor) else str(getattr(executor, "image", "") or IMAGE)
    timeout = float(getattr(executor, "timeout", TIMEOUT))
    given = {
        "sources": literal(sources) if sources else "",
        "image": quoted(image) if image != IMAGE else "",
        "timeout": literal(timeout) if timeout != TIMEOUT else "",
    }
    said = [quoted(name), description, *(f"{field}={value}" for field, value in given.items() if value)]
    return f"{NAME}({', '.join(said)})"
