"""Swarms, under the address that AG2's imports used."""

from studio.classic.swarm import (
    AFTER_WORK,
    ON_CONDITION,
    AfterWork,
    AfterWorkOption,
    OnCondition,
    OnContextCondition,
    SwarmAgent,
    SwarmResult,
    a_initiate_swarm_chat,
    a_run_swarm,
    initiate_swarm_chat,
    register_hand_off,
    run_swarm,
)

__all__ = [
    "AFTER_WORK",
    "ON_CONDITION",
    "AfterWork",
    "AfterWorkOption",
    "OnCondition",
    "OnContextCondition",
    "SwarmAgent",
    "SwarmResult",
    "a_initiate_swarm_chat",
    "a_run_swarm",
    "initiate_swarm_chat",
    "register_hand_off",
    "run_swarm",
]
