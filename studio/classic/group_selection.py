"""Letting a model choose the next speaker: asked again when its answer names nobody or several, and the list's order in the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from studio.classic.chat_log import record
from studio.classic.group_chat import GroupChat, filled
from studio.classic.io import show
from studio.classic.loops import Either, Steps, awaited
from studio.classic.messages import Message
from studio.classic.wrapper import OpenAIWrapper
from studio.engine.code.threads import in_thread
from studio.engine.errors import ModelError
from studio.engine.events import Noticed, SelectionRejected, SpeakerChosen
from studio.engine.teams.answer import speaker_in
from studio.engine.usage import NOTHING, Usage
from studio.texts import text


def select_speaker(group: GroupChat, last_speaker: Any, selector: Any) -> Steps[Any]:
    """Who speaks next. Raises NoEligibleSpeaker when nobody does."""
    chosen, agents, method = group.candidates(last_speaker)
    names = tuple(agent.name for agent in agents or group.agents)
    if chosen is None and method == "auto":
        return (yield from _by_model(group, last_speaker, selector, agents))
    if chosen is None and method == "manual":
        ask = partial(group.manual_select_speaker, agents)
        chosen = yield Either(ask, lambda: in_thread(ask))
    if chosen is None:
        chosen = group.random_select_speaker(agents) if method == "random" else group.next_agent(last_speaker, agents)
    record(SpeakerChosen(source=selector.name, speaker=chosen.name, by=method, candidates=names))
    return chosen


def _by_model(group: GroupChat, last_speaker: Any, selector: Any, agents: list[Any] | None) -> Steps[Any]:
    candidates = agents or group.agents
    names = tuple(agent.name for agent in candidates)
    client = _client(group, selector)
    usage, model = NOTHING, None
    if client is not None:
        messages = _conversation(group, candidates)
        for attempt in range(1 + group.max_retries_for_selecting_speaker):
            try:
                response = yield awaited(_question(client, group.select_speaker_msg(candidates), messages, selector, names))
            except ModelError as failure:
                record(Noticed(source=selector.name, code="selection", text=text("classic.group.none_chosen", why=failure.sentence)))
                break
            spent = Usage() if getattr(response, "cached", False) else getattr(response, "spent", NOTHING)
            model = getattr(response, "model", None)
            answer = str(response.choices[0].message.content or "")
            if group.select_speaker_auto_verbose:
                show(f"\n({selector.name} asked who speaks next: {answer})")
            name, why, several = chosen_name(answer, names)
            if name is not None:
                chosen = next(agent for agent in candidates if agent.name == name)
                record(
                    SpeakerChosen(
                        source=selector.name,
                        speaker=name,
                        by="auto",
                        reason=why,
                        candidates=names,
                        attempts=attempt + 1,
                        usage=usage + spent,
                        model=model,
                    )
                )
                return chosen
            record(SelectionRejected(source=selector.name, answer=answer, why=why, usage=spent))
            template = group.select_speaker_auto_multiple_template if several else group.select_speaker_auto_none_template
            again = filled(template, candidates)
            messages += [{"role": "assistant", "content": answer}, {"role": group.role_for_select_speaker_messages, "content": again}]
    chosen = group.next_agent(last_speaker, agents)
    reason = text("classic.group.next_in_list")
    record(SpeakerChosen(source=selector.name, speaker=chosen.name, by="fallback", reason=reason, candidates=names))
    return chosen


def _question(client: OpenAIWrapper, system: str, messages: list[Message], selector: Any, names: tuple[str, ...]) -> Any:
    asked = [{"role": "system", "content": system}, *messages]
    return lambda: client.a_create(messages=list(asked), agent="speaker_selection_agent", purpose="selection", choices=names)


def _client(group: GroupChat, selector: Any) -> OpenAIWrapper | None:
    """The model that chooses: the group's own, else the manager's; None when there is none."""
    config = group.select_speaker_auto_llm_config
    if not config:
        client: OpenAIWrapper | None = selector.client
        return client
    known = getattr(group, "_choosing_client", None)
    if known is None:
        known = OpenAIWrapper(**config)  # type: ignore[arg-type]
        classes = group.select_speaker_auto_model_client_cls or ()
        for each in classes if isinstance(classes, list | tuple) else [classes]:
            known.register_model_client(each)
        group._choosing_client = known  # type: ignore[attr-defined]
    made: OpenAIWrapper = known
    return made


def _conversation(group: GroupChat, candidates: Sequence[Any]) -> list[Message]:
    """What was said, without calls, and the question."""
    messages = [{key: value for key, value in said.items() if key not in ("tool_calls", "function_call")} for said in group.messages]
    messages = [{"role": "user", "content": said["content"], "name": said.get("name", "")} for said in messages]
    if group.select_speaker_transform_messages is not None:
        messages = group.select_speaker_transform_messages._transform_messages(messages)
    if (prompt := group.select_speaker_prompt(list(candidates))) is not None:
        messages.append({"role": group.role_for_select_speaker_messages, "content": prompt})
    return messages


def chosen_name(answer: str, names: Sequence[str]) -> tuple[str | None, str, bool]:
    """(the one name that an answer means, why or why not, whether it names several).

    Whole words as they are written decide; what is left is read as our own choosing model's answers are, which forgives more.
    """
    exact = [name for name in names if _stands_in(name, answer)]
    if len(exact) == 1:
        return exact[0], "the only name in the model's answer", False
    if exact:
        return None, f"it names several: {', '.join(exact)}.", True
    name, why = speaker_in(answer, names)
    return name, why, name is None and "several" in why


def _stands_in(name: str, answer: str) -> bool:
    forms = {name, name.replace("_", " "), name.replace("_", r"\_")}
    return any(re.search(rf"(?<!\w){re.escape(form)}(?!\w)", answer) for form in forms)
