"""What a function tool may use of the conversation, and give back to it besides its result; a sandbox has the same classes."""

from __future__ import annotations

from studio.engine.code.calling import ToolReply as ToolReply
from studio.engine.code.calling import Variables as Variables
from studio.engine.code.calling import changed as changed
from studio.engine.code.calling import variables_of as variables_of
from studio.engine.code.calling import variables_parameter as variables_parameter
