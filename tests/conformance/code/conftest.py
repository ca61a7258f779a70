"""Every kind of executor, for the tests that all of them pass."""

from sandbox_fixtures import bench, docker_engine, make_executor, make_script_executor, opened, script_bench, short_bench

__all__ = ["bench", "docker_engine", "make_executor", "make_script_executor", "opened", "script_bench", "short_bench"]
