"""What every script of the matrix imports beside the library: a model, and a way to write down a conversation."""

import os

LLM_CONFIG = {
    "config_list": [{"model": "test-model", "base_url": os.environ.get("CLASSIC_BASE_URL", ""), "api_key": "key"}],
    "cache_seed": None,
}


def said(messages):
    return [[message.get("name", ""), (message.get("content") or "").strip()] for message in messages]
