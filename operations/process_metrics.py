"""Memory, processor time and open files of each process, kept in Redis while it runs."""

from dataclasses import dataclass

import redis
from prometheus_client.process_collector import ProcessCollector

# Seconds after which a process that no longer reports is forgotten.
KEPT_FOR = 60
PREFIX = "metrics:process"
MEMORY, PROCESSOR, FILES = "process_resident_memory_bytes", "process_cpu_seconds", "process_open_fds"


@dataclass(frozen=True, slots=True)
class Process:
    """One process, by its role and a number that it drew."""

    role: str
    number: str
    memory: float
    processor_seconds: float
    open_files: float


def report(connection: redis.Redis, role: str, number: str) -> None:
    """Store what this process uses; only Linux tells it. Raises RedisError."""
    read = {one.name: one.samples[0].value for one in ProcessCollector(registry=None).collect() if one.samples}
    if MEMORY in read:
        key = f"{PREFIX}:{role}:{number}"
        with connection.pipeline() as step:
            step.hset(key, mapping={name: read.get(name, 0.0) for name in (MEMORY, PROCESSOR, FILES)})
            step.expire(key, KEPT_FOR)
            step.execute()


def processes(connection: redis.Redis) -> list[Process]:
    """Return all processes of all machines that reported lately. Raises RedisError."""
    found = []
    for key in sorted(connection.scan_iter(f"{PREFIX}:*")):
        values = connection.hmget(key, (MEMORY, PROCESSOR, FILES))
        _, _, role, number = str(key, "utf-8").split(":")
        if values[0] is not None:
            found.append(Process(role, number, *(float(one or 0) for one in values)))
    return found
