"""Memory and processor time of the site's processes while it is loaded."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

import psutil

MEGABYTE = 2**20
EVERY = 2.0

Groups = dict[str, list[psutil.Process]]


@dataclass(slots=True)
class Usage:
    """A process or group: memory in bytes as sampled, oldest first, and processor seconds."""

    memory: list[int] = field(default_factory=list)
    cpu: float = 0.0


class Sampler:
    """Samples groups of processes every two seconds within its block."""

    def __init__(self, groups: Callable[[], Groups]) -> None:
        self.usage: dict[str, Usage] = {}
        self._groups = groups
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample_until_ended, daemon=True)
        self._cpu_before: dict[str, float] = {}

    def __enter__(self) -> "Sampler":
        self._cpu_before = self._cpu()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        for name, seconds in self._cpu().items():
            self.usage[name].cpu = seconds - self._cpu_before.get(name, 0.0)

    def _sample_until_ended(self) -> None:
        while True:
            for name, processes in self._groups().items():
                self.usage.setdefault(name, Usage()).memory.append(sum(map(_memory, processes)))
            if self._ended.wait(EVERY):
                return

    def _cpu(self) -> dict[str, float]:
        return {name: sum(map(_cpu, processes)) for name, processes in self._groups().items()}


def family(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _memory(process: psutil.Process) -> int:
    """Return the memory that only this process uses; pages shared with others would count several times."""
    try:
        return int(process.memory_full_info().uss)
    except psutil.NoSuchProcess:
        return 0


def _cpu(process: psutil.Process) -> float:
    try:
        return float(sum(process.cpu_times()[:2]))
    except psutil.NoSuchProcess:
        return 0.0
