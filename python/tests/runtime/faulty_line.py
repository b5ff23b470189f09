"""A TCP line to a server that breaks when a test wants it to."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Line:
    """Where it begins, and what went through it from each side."""

    port: int
    sent: int = 0
    answered: int = 0
    commits: int = 0
    breaks: int = 0
    sockets: list[socket.socket] = field(default_factory=list)

    def note(self, piece: bytes, *, is_answer: bool) -> None:
        """Counts a piece."""
        if is_answer:
            self.answered += len(piece)
        else:
            self.sent += len(piece)
            self.commits += piece.upper().count(b"COMMIT\0")


Breaks = Callable[[Line, bool], bool]
"""Whether the line breaks before a piece is passed on; the flag tells an answer."""


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _carry(line: Line, breaks: Breaks, ends: tuple[socket.socket, socket.socket], *, is_answer: bool) -> None:
    source, target = ends
    with contextlib.suppress(OSError):
        while piece := source.recv(1 << 16):
            line.note(piece, is_answer=is_answer)
            if breaks(line, is_answer):
                line.breaks += 1
                break
            target.sendall(piece)
    _close(source, target)


@contextlib.contextmanager
def faulty_line(host: str, port: int, breaks: Breaks) -> Iterator[Line]:
    """Both ends are closed as soon as `breaks` says so."""
    server = socket.create_server(("127.0.0.1", 0))
    line = Line(server.getsockname()[1])

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                behind = socket.create_connection((host, port))
                line.sockets.extend([client, behind])
                for ends, is_answer in (((client, behind), False), ((behind, client), True)):
                    arguments, more = (line, breaks, ends), {"is_answer": is_answer}
                    threading.Thread(target=_carry, args=arguments, kwargs=more, daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        _close(server)
        server.close()
        thread.join()
        for each in line.sockets:
            each.close()
