"""What can go wrong in the library: each class takes the facts and writes the sentence and the way out."""

from __future__ import annotations

from studio.engine.errors import ConveneError
from studio.texts import text


class FlowMissing(ConveneError):
    code = "flow_missing"

    def __init__(self, flow: str) -> None:
        super().__init__(text("library.flow_missing", flow=flow), text("library.flow_missing.remedy"))


class FlowAmbiguous(ConveneError):
    """Several flows have the name."""

    code = "flow_ambiguous"

    def __init__(self, name: str, ids: tuple[str, ...]) -> None:
        super().__init__(
            text("library.flow_ambiguous", count=len(ids), name=name), text("library.flow_ambiguous.remedy", ids=", ".join(ids))
        )


class FlowTooLarge(ConveneError):
    code = "flow_too_large"

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            text("library.flow_too_large", size=f"{size / 1e6:.1f}", limit=f"{limit / 1e6:.0f}"), text("library.flow_too_large.remedy")
        )


class VersionMissing(ConveneError):
    code = "version_missing"

    def __init__(self, flow: str, number: int) -> None:
        super().__init__(text("library.version_missing", flow=flow, number=number), text("library.version_missing.remedy"))


class PriceInvalid(ConveneError):
    """A price that cannot be kept as it is; `field` names the place."""

    code = "price_invalid"

    def __init__(self, field: str, why: str, remedy: str) -> None:
        super().__init__(why, remedy)
        self.field = field


class AccountInvalid(ConveneError):
    """An account that cannot be stored as it is; `field` names the place."""

    code = "account_invalid"

    def __init__(self, field: str, why: str, remedy: str) -> None:
        super().__init__(why, remedy)
        self.field = field
