"""Sets the limits of a process, and then becomes what is to run. Started by its path, with nothing else imported."""

import ctypes
import json
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38


def main() -> None:
    """Arguments: the limits as JSON, and the command."""
    limits = json.loads(sys.argv[1])
    for name, most in limits["resources"].items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        # Nobody would watch it when the process that started it is gone.
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if os.getppid() != limits["parent"]:
            os._exit(1)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execvpe(sys.argv[2], sys.argv[2:], os.environ)  # noqa: S606 - no shell is the point


main()
