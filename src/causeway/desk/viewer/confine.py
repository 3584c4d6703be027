"""Shutting a process in, from inside, before it looks at a stranger's bytes.

A decoder has faults, and a file may be made for one of them. What takes it over must find nothing: no file,
no network, no other process, no new code, little memory and time. It has what was handed to it, and a pipe
that takes pixels or samples.

(1) Limits of the system: memory, time, no file grows, none is opened. (2) No new privileges. (3) A filter of
system calls (seccomp, BPF): those that a computation needs are allowed, all others fail. Memory can't be made
executable any more, so all code has to be loaded before.

Numbers: Linux, `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`; structures:
seccomp(2), `include/uapi/linux/{filter,seccomp,audit}.h`.
"""

from __future__ import annotations

import ctypes
import platform
import resource
import signal
import struct
import sys
from typing import Final

from causeway.errors import LocalError

__all__ = ["CONFINABLE", "NotConfined", "confine"]

_X86_64: Final = {
    "read": 0,
    "write": 1,
    "close": 3,
    "lseek": 8,
    "mmap": 9,
    "mprotect": 10,
    "munmap": 11,
    "brk": 12,
    "rt_sigaction": 13,
    "rt_sigprocmask": 14,
    "rt_sigreturn": 15,
    "sched_yield": 24,
    "mremap": 25,
    "madvise": 28,
    "getpid": 39,
    "exit": 60,
    "gettimeofday": 96,
    "sigaltstack": 131,
    "gettid": 186,
    "futex": 202,
    "sched_getaffinity": 204,
    "restart_syscall": 219,
    "clock_gettime": 228,
    "clock_getres": 229,
    "exit_group": 231,
    "getrandom": 318,
}
_AARCH64: Final = {
    "read": 63,
    "write": 64,
    "close": 57,
    "lseek": 62,
    "mmap": 222,
    "mprotect": 226,
    "munmap": 215,
    "brk": 214,
    "rt_sigaction": 134,
    "rt_sigprocmask": 135,
    "rt_sigreturn": 139,
    "sched_yield": 124,
    "mremap": 216,
    "madvise": 233,
    "getpid": 172,
    "exit": 93,
    "gettimeofday": 169,
    "sigaltstack": 132,
    "gettid": 178,
    "futex": 98,
    "sched_getaffinity": 123,
    "restart_syscall": 128,
    "clock_gettime": 113,
    "clock_getres": 114,
    "exit_group": 94,
    "getrandom": 278,
}
_MACHINES: Final = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}
_WITH_PROTECTION: Final = ("mmap", "mprotect")
"""Calls whose third argument says what the memory may be used for."""

CONFINABLE: Final = sys.platform == "linux" and platform.machine() in _MACHINES
"""Whether this machine can shut a process in. Where it can't, nothing is decoded at all."""

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2
_PROT_EXEC: Final = 4

_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050001  # SECCOMP_RET_ERRNO with EPERM
_KILL: Final = 0x80000000

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_IF_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_IF_SET: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K
_NUMBER_AT: Final = 0
_ARCH_AT: Final = 4
_THIRD_ARGUMENT_AT: Final = 32
"""The lower half of `args[2]` in `struct seccomp_data`, little-endian."""


class NotConfined(LocalError):
    """This process could not be shut in, so it must not look at anything."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine(*, memory_bytes: int, cpu_seconds: int) -> None:
    """Shut this process in, for good. All modules and libraries that it needs are loaded already.

    Raises:
        NotConfined: This system can't, or would not.
    """
    if not CONFINABLE:
        raise NotConfined("This system has no way of shutting a process in.")
    for what, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, memory_bytes),
    ):
        resource.setrlimit(what, (limit, limit))
    libc = ctypes.CDLL(None, use_errno=True)
    _control(libc, _PR_SET_PDEATHSIG, signal.SIGKILL)
    _control(libc, _PR_SET_DUMPABLE, 0)
    _control(libc, _PR_SET_NO_NEW_PRIVS, 1)
    instructions = _filter(*_MACHINES[platform.machine()])
    program = _Program(len(instructions) // 8, instructions)
    _control(libc, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program))


def _control(libc: ctypes.CDLL, option: int, *arguments: object) -> None:
    given = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in arguments]
    padding = [ctypes.c_ulong(0)] * (4 - len(given))
    if libc.prctl(ctypes.c_int(option), *given, *padding) != 0:
        raise NotConfined("The system did not shut this process in.", option=option)


def _instruction(code: int, value: int, *, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _filter(arch: int, calls: dict[str, int]) -> bytes:
    """Return the filter: `struct sock_filter` of 8 bytes each; jumps count from the next one."""
    simple = [number for name, number in calls.items() if name not in _WITH_PROTECTION]
    protecting = [calls[name] for name in _WITH_PROTECTION]
    # After the list: refuse; the check of protection (two); allow; refuse.
    end = len(simple) + len(protecting)
    listed = [
        _instruction(_IF_EQUAL, number, if_true=end - at - 1 + (3 if number in simple else 1))
        for at, number in enumerate([*simple, *protecting])
    ]
    return b"".join(
        [
            _instruction(_LOAD, _ARCH_AT),
            _instruction(_IF_EQUAL, arch, if_true=1),
            _instruction(_RETURN, _KILL),
            # The x32 calls of x86-64 have numbers of their own, which are not in the list.
            _instruction(_LOAD, _NUMBER_AT),
            *listed,
            _instruction(_RETURN, _REFUSE),
            _instruction(_LOAD, _THIRD_ARGUMENT_AT),
            _instruction(_IF_SET, _PROT_EXEC, if_true=1),
            _instruction(_RETURN, _ALLOW),
            _instruction(_RETURN, _REFUSE),
        ]
    )
