"""What can go wrong in a conversation: one class a mistake, each takes the facts and writes the sentence.

ConveneError
├── UnknownKind            a component of a kind nobody registered
├── FlowError              a team that cannot be run as it stands
├── ModelError             a model could not answer
│   ├── ModelRefused       the key, the address or the request was refused: trying again is pointless
│   ├── ModelUnavailable   nobody answers, too many requests, a server error: trying again may help
│   └── ModelAnswerBroken  an answer that cannot be used (half a stream, no choices, not JSON)
├── AccountMissing         an agent names a model account that nobody entered
├── CodeExecutionError     code could not be started at all
│   └── DockerUnavailable  no Docker engine, or no image
├── AnswerRefused          a question was answered already, or was never asked
└── StaleEpoch             another process took the run over
"""

from __future__ import annotations

from studio.texts import text


class ConveneError(Exception):
    """The base of all errors with a sentence for people. `code` is stable, `remedy` says what to do next."""

    code = "error"

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()


class UnknownKind(ConveneError):
    code = "unknown_kind"

    def __init__(self, kind: str, known: tuple[str, ...]) -> None:
        super().__init__(text("engine.errors.unknown_kind", kind=kind), text("engine.errors.unknown_kind.remedy", known=", ".join(known)))


class FlowError(ConveneError):
    code = "flow"

    def __init__(self, where: str, what: str, remedy: str = "") -> None:
        super().__init__(f"{where}: {what}", remedy)
        self.where = where


class ModelError(ConveneError):
    code = "model"

    def __init__(self, sentence: str, remedy: str = "", *, account: str = "", url: str = "", status: int | None = None) -> None:
        super().__init__(sentence, remedy)
        self.account = account
        self.url = url
        self.status = status


class ModelRefused(ModelError):
    code = "model_refused"


class ModelUnavailable(ModelError):
    code = "model_unavailable"


class ModelAnswerBroken(ModelError):
    code = "model_answer_broken"


class AccountMissing(ModelError):
    code = "account_missing"

    def __init__(self, account: str, remedy: str) -> None:
        super().__init__(text("engine.errors.account_missing", account=account), remedy, account=account)


class CodeExecutionError(ConveneError):
    code = "code_execution"


class DockerUnavailable(CodeExecutionError):
    code = "docker_unavailable"


class AnswerRefused(ConveneError):
    code = "answer_refused"


class StaleEpoch(ConveneError):
    code = "stale_epoch"

    def __init__(self, run: str) -> None:
        super().__init__(text("engine.errors.stale", run=run), text("engine.errors.stale.remedy"))
