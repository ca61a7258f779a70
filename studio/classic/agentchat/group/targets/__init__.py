"""Targets under the addresses that AG2's imports use."""
