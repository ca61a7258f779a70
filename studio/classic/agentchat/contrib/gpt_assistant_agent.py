"""OpenAI's assistants, under the address that scripts import them from."""

from studio.classic.gpt_assistant import GPTAssistantAgent

__all__ = ["GPTAssistantAgent"]
