"""The child process that stretches one passphrase and ends, so that its 256 MiB end with it.

It is run by its path, under `python -I`, and so imports nothing of ours: isolated mode looks for modules
among the installed ones only. It reads `u32 memory in KiB ‖ u32 passes ‖ u32 lanes ‖ salt (32) ‖ passphrase`
from its input and writes 32 bytes to its output; nothing secret is ever in its arguments or environment.
"""

from __future__ import annotations

import sys

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_NUMBER_BYTES = 4
_NUMBERS = 3
_SALT_BYTES = 32
_OUTPUT_BYTES = 32


def main() -> int:
    """Stretch what stands on the input; 1 if the machine does not have the memory."""
    given = sys.stdin.buffer.read()
    memory_kib, passes, lanes = (
        int.from_bytes(given[i * _NUMBER_BYTES : (i + 1) * _NUMBER_BYTES], "big") for i in range(_NUMBERS)
    )
    rest = given[_NUMBERS * _NUMBER_BYTES :]
    try:
        kdf = Argon2id(
            salt=rest[:_SALT_BYTES],
            length=_OUTPUT_BYTES,
            iterations=passes,
            lanes=lanes,
            memory_cost=memory_kib,
        )
        stretched = kdf.derive(rest[_SALT_BYTES:])
    except MemoryError:
        return 1
    sys.stdout.buffer.write(stretched)
    return 0


if __name__ == "__main__":
    if sys.platform != "win32":
        import resource

        # Whatever goes wrong in here, no core file may hold the passphrase.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
