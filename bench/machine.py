"""Describes the machine and the packages that were measured, without naming the machine."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

_PACKAGES = (
    "azure-functions-runtime-v1",
    "azure-functions",
    "azure-identity",
    "azure-keyvault-secrets",
    "azure-mixedreality-authentication",
    "requests",
    "aiohttp",
)
_KIB_PER_GIB = 1_048_576


def describe() -> str:
    """Return CPU, cores, memory, system and Python."""
    memory_gib = int(_field("/proc/meminfo", "MemTotal").split()[0]) / _KIB_PER_GIB
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    cores = len(os.sched_getaffinity(0))
    return (
        f"{_field('/proc/cpuinfo', 'model name')}, {cores} cores, {memory_gib:.0f} GiB, {system}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def packages() -> str:
    """Return the versions of the packages that affect the figures."""
    return ", ".join(f"{name} {version(name)}" for name in _PACKAGES)


def _field(file: str, name: str) -> str:
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")
