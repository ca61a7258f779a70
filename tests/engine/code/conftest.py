"""Sandboxes to test with."""

from sandbox_fixtures import docker_engine, opened

__all__ = ["docker_engine", "opened"]
