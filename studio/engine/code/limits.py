"""How much running code may use of the machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory` and `disk` (of the work folder) in bytes; `cpus` in processors, 0 for all there are; `processes` counts threads too."""

    memory: int
    disk: int
    processes: int
    cpus: float = 0.0

    @classmethod
    def of_megabytes(cls, memory_mb: int, disk_mb: int, processes: int, cpus: float = 0.0) -> Limits:
        return cls(memory_mb << 20, disk_mb << 20, processes, cpus)
