"""Guards, under the address that AG2's imports use."""

from studio.classic.guardrails import Guardrail, GuardrailCheckResult, GuardrailResult, LLMGuardrail, RegexGuardrail

__all__ = ["Guardrail", "GuardrailCheckResult", "GuardrailResult", "LLMGuardrail", "RegexGuardrail"]
