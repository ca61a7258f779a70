"""The exit statuses of `convene`, the same for every command."""

DONE = 0
FAILED = 1
"""The run failed or was stopped, the flow has errors, something essential is missing."""

BAD_INPUT = 2
"""What was typed or handed over cannot be used; nothing was started."""

WAITING = 3
"""The run waits for a person and no answer is at hand. It stays stored and can be answered in the studio."""

BY_STATUS = {"done": DONE, "stopped": FAILED, "failed": FAILED, "interrupted": FAILED, "waiting": WAITING, "paused": WAITING}
