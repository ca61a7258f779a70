"""AutoGen 0.4 to 0.7 as Python: scripts that come in, and flows that go out as one."""
