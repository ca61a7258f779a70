"""Sending spans to a collector: the tracer provider of a process that `OTEL_EXPORTER_OTLP_ENDPOINT` asks to export."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

log = logging.getLogger("studio.engine")

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVICE = "convene"


def export_spans(environment: Mapping[str, str] = os.environ) -> bool:
    """Export the spans of all runs of this process, where the environment names a collector and nobody configured a provider yet.

    Whether spans are exported. Without the `otel` extra it says so in the log and does nothing.
    """
    if not any(environment.get(name) for name in ENDPOINTS) or environment.get("OTEL_SDK_DISABLED", "").casefold() == "true":
        return False
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("Spans are not exported: OpenTelemetry is not installed. Install it by: pip install 'convene-studio[otel]'")
        return False
    if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return True
    named = environment.get("OTEL_SERVICE_NAME") or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    provider = TracerProvider(resource=Resource.create({} if named else {"service.name": SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return True
