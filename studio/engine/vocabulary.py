"""All component classes of the engine, imported so that their kinds are known."""

import studio.engine.agents.assistant
import studio.engine.agents.code_runner
import studio.engine.agents.human
import studio.engine.code.auto
import studio.engine.code.docker_executor
import studio.engine.code.local
import studio.engine.conditions.combined
import studio.engine.conditions.hand_off
import studio.engine.conditions.max_messages
import studio.engine.conditions.max_turns
import studio.engine.conditions.money_limit
import studio.engine.conditions.text_mention
import studio.engine.conditions.time_limit
import studio.engine.conditions.token_limit
import studio.engine.models.openai_model
import studio.engine.models.practice
import studio.engine.teams.follow_edges
import studio.engine.teams.manual
import studio.engine.teams.model_choice
import studio.engine.teams.random_choice
import studio.engine.teams.round_robin
import studio.engine.teams.team
import studio.engine.tools.python_tool  # noqa: F401
