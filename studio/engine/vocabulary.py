"""All component classes of the engine, imported so that their kinds are known."""

import studio.engine.agents.assistant  # noqa: F401
import studio.engine.agents.code_runner  # noqa: F401
import studio.engine.agents.human  # noqa: F401
import studio.engine.code.auto  # noqa: F401
import studio.engine.code.docker_executor  # noqa: F401
import studio.engine.code.local  # noqa: F401
import studio.engine.conditions.combined  # noqa: F401
import studio.engine.conditions.hand_off  # noqa: F401
import studio.engine.conditions.max_messages  # noqa: F401
import studio.engine.conditions.max_turns  # noqa: F401
import studio.engine.conditions.money_limit  # noqa: F401
import studio.engine.conditions.text_mention  # noqa: F401
import studio.engine.conditions.time_limit  # noqa: F401
import studio.engine.conditions.token_limit  # noqa: F401
import studio.engine.models.openai_model  # noqa: F401
import studio.engine.models.practice  # noqa: F401
import studio.engine.teams.follow_edges  # noqa: F401
import studio.engine.teams.manual  # noqa: F401
import studio.engine.teams.model_choice  # noqa: F401
import studio.engine.teams.random_choice  # noqa: F401
import studio.engine.teams.round_robin  # noqa: F401
import studio.engine.teams.team  # noqa: F401
import studio.engine.tools.python_tool  # noqa: F401
