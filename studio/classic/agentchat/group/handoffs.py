"""An agent's ways out, under the address that AG2's imports use."""

from studio.classic.handoffs import Handoffs

__all__ = ["Handoffs"]
