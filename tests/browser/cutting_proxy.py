"""A TCP proxy that cuts a connection after every so many bytes towards the server, so many times. Counts what went over the wire."""

import contextlib
import socket
import threading

from tests.browser.process import free_port

PIECE_BYTES = 16 * 1024


class CuttingProxy:
    """Forwards one loopback port to another; `cut_after(bytes, times)` makes it hostile."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.sent_bytes = 0
        self.received_bytes = 0
        self.cuts = 0
        self._limit_bytes = 0
        self._times = 0
        self._since_cut = 0
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    def cut_after(self, limit_bytes: int, times: int) -> None:
        """From now on cut whichever connection carries the last of so many bytes, until that has happened so often."""
        with self._lock:
            self._limit_bytes, self._times = limit_bytes, times
            self.sent_bytes = self.cuts = self._since_cut = 0

    def stop(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.target_port))
        except OSError:
            client.close()
            return
        threading.Thread(target=self._answer, args=(server, client), daemon=True).start()
        with contextlib.suppress(OSError):
            while piece := client.recv(PIECE_BYTES):
                is_over = self._count(len(piece))
                server.sendall(piece)
                if is_over:
                    break
        _end(client, server)

    def _count(self, size_bytes: int) -> bool:
        """Count bytes; tell whether the connection is to be cut behind them."""
        with self._lock:
            self.sent_bytes += size_bytes
            self._since_cut += size_bytes
            if self.cuts >= self._times or self._since_cut <= self._limit_bytes:
                return False
            self.cuts += 1
            self._since_cut = 0
            return True

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := server.recv(PIECE_BYTES):
                with self._lock:
                    self.received_bytes += len(piece)
                client.sendall(piece)
        _end(client, server)


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
