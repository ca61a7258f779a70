"""Additions to agents under the address that longer imports use."""
