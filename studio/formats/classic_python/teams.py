"""Writing whoever has others inside for AutoGen 0.2: filters, chats within chats, and teams that are tools."""

from __future__ import annotations

from studio.engine.models.base import Model
from studio.engine.teams.chat import Chat
from studio.engine.teams.filter import Filter
from studio.engine.teams.society import Society
from studio.engine.teams.team import Team
from studio.engine.tools.team_tool import AgentTool, TeamTool
from studio.formats.classic_python.groups import GroupWriting
from studio.formats.python_text.literals import docstring, quoted, text_literal
from studio.formats.python_text.program import USER


class TeamWriting(GroupWriting):
    """Writes everything."""

    def filtered(self, agent: Filter, model: Model | None) -> str | None:
        """The agent itself, with a hook that leaves out what it does not hear."""
        self.losses.said(agent, "hears", "hears_task", "model", "heard", "max_turns", "selection", "stop")
        variable = self.member(agent.participants[0], agent.model or model)
        if variable is None:
            return None
        self.variables[agent.name] = variable
        self.losses.lose("filter", agent)
        inner = self.called(agent.participants[0])
        name = self.names.new(f"heard_by_{variable}", "hook")
        self.script.use("Any", "typing")
        parts = [f'[each for each in messages if each.get("name") == "{USER}"]'] if agent.hears_task else []
        for hears in agent.hears:
            cut = "" if hears.count is None else f"[:{hears.count}]" if hears.position == "first" else f"[-{hears.count}:]"
            parts.append(f'[each for each in messages if each.get("name") == {quoted(self.called(hears.source))}]{cut}')
        parts.append(f'[each for each in messages if each.get("name") == {quoted(inner)} or each["role"] in ("assistant", "tool")]')
        heard = " + ".join(parts)
        self.agent_statements.append(
            f"def {name}(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:\n"
            f"    {docstring(f'What {agent.name} lets through', '')}\n"
            f"    heard = {heard}\n"
            "    return [each for each in messages if each in heard]"
        )
        self.agent_statements.append(f'{variable}.register_hook("process_all_messages_before_reply", {name})')
        return variable

    def team_within(self, team: Team, model: Model | None) -> str | None:
        """An agent that lets a group chat talk whenever it is its turn, and says what came of it."""
        model = team.model or model
        variable = self.names.new(team.name, "team")
        manager = self.chat(team, model, named=variable)
        if manager is None:
            return None
        self.variables[team.name] = variable
        fields = f", description={text_literal(team.description)}" if team.description else ""
        made = self.script.use("ConversableAgent", self.package)
        chat: dict[str, str] = {"recipient": manager, "max_turns": "1", "summary_method": self._last_said(team)}
        if isinstance(team, Chat):
            self.losses.said(team, "message", "carryover", "summarised", "summary_prompt")
            if team.summarised == "function":
                self.losses.lose("chat_function", team, "summary_source", level="decision")
            chat["message"] = self._chat_task(team, variable)
            if team.summarised == "model" and model is not None:
                chat["summary_method"] = '"reflection_with_llm"'
                chat["summary_args"] = f'{{"summary_prompt": {text_literal(team.summary_prompt)}}}'
        elif isinstance(team, Society) and model is not None:
            self.losses.said(team, "instruction", "response_prompt")
            chat["summary_method"] = '"reflection_with_llm"'
            prompt = f"{team.instruction} {team.response_prompt}"
            chat["summary_args"] = f'{{"summary_prompt": {text_literal(prompt)}}}'
            chat["message"] = self._said_before()
        else:
            chat["message"] = self._said_before()
            self.losses.lose("begins_anew_as_one" if team.heard == "all" and not isinstance(team, Society) else "begins_anew", team)
        told = ", ".join(f"{quoted(name)}: {value}" for name, value in chat.items())
        self.group_statements.append(
            f'{variable} = {made}({quoted(self.rename(team))}{fields}, llm_config=False, human_input_mode="NEVER")'
        )
        self.group_statements.append(f"{variable}.register_nested_chats([{{{told}}}], trigger=lambda sender: True)")
        return variable

    def _last_said(self, team: Team) -> str:
        """The name of the function that sums up an inner chat: its last message, or all of them."""
        whole = team.summarised == "all" if isinstance(team, Chat) else team.heard == "all" and not isinstance(team, Society)
        conversable = self.script.use("ConversableAgent", self.package)
        self.script.use("Any", "typing")
        name = "all_said" if whole else "last_said"
        words = "Everything that was said in a chat." if whole else "What was said last in a chat."
        value = (
            "\"\\n\\n\".join(f\"{each['name']}: {each['content']}\" for each in messages[1:])"
            if whole
            else '(messages[-1]["content"] or "")'
        )
        spoken = "recipient.groupchat.messages"
        if words_alone := self.in_words("each"):
            spoken = f"[each for each in {spoken}{words_alone}]"
        text = (
            f"def {name}(sender: {conversable}, recipient: {conversable}, summary_args: dict[str, Any]) -> str:\n"
            f'    """{words}"""\n    messages = {spoken}\n    return {value}'
        )
        if text not in self.definitions:
            self.definitions.append(text)
        return name

    def _said_before(self) -> str:
        """The name of the function that tells an inner chat what was said around it."""
        self._message_function(
            "said_before",
            "What was said so far, for those who talk about it among themselves.",
            'return "\\n\\n".join(message["content"] or "" for message in messages)',
        )
        return "said_before"

    def _message_function(self, name: str, words: str, line: str) -> None:
        conversable = self.script.use("ConversableAgent", self.package)
        self.script.use("Any", "typing")
        arguments = f"recipient: {conversable}, messages: list[dict[str, Any]], sender: {conversable}, config: Any"
        text = f'def {name}({arguments}) -> str:\n    """{words}"""\n    {line}'
        if text not in self.definitions:
            self.definitions.append(text)

    def _chat_task(self, team: Chat, variable: str) -> str:
        """The task of a chat in a row: its own, and what came of the chats before."""
        own = text_literal(team.message) if team.message else 'messages[-1]["content"]'
        if not team.carryover:
            if team.message:
                return own
            line = f"return str({own})"
        else:
            last = "[1:]" if team.message else "[1:-1]"
            line = (
                f"task = {own if team.message else f'str({own})'}\n"
                f'    if before := "\\n".join(message["content"] for message in messages{last}):\n'
                '        task += f"\\nContext:\\n{before}"\n'
                "    return task"
            )
        name = self.names.new(f"{variable}_task", "task")
        self._message_function(name, f"What {variable} is told.", line)
        return name

    def chat_of_one(self, tool: AgentTool, model: Model | None, wanted: str) -> str:
        team = tool.spoken_to.model_copy(update={"heard": "last"})
        manager = self.chat(team, model, named=wanted)
        return f"str({USER}.initiate_chat({manager}, message=task, max_turns=1, summary_method={self._last_said(team)}).summary)"

    def team_function(self, tool: TeamTool, model: Model | None) -> tuple[str, str]:
        schema = tool.schema_for_model()
        self.losses.said(tool, "team", "name", "description")
        if any(each.startswith(f"def {schema.name}(") for each in self.late_statements):
            return schema.name, schema.description
        manager, summary = self.chat(tool.team, model, named=schema.name), self._last_said(tool.team)
        self.late_statements.append(
            f"def {schema.name}(task: str) -> str:\n"
            f"    {docstring(schema.description, '')}\n"
            f"    return str({USER}.initiate_chat({manager}, message=task, max_turns=1, summary_method={summary}).summary)"
        )
        return schema.name, schema.description
