"""A TCP proxy that cuts connections: after so many bytes towards the server, so many times. Counts what went over the wire."""

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
        self.cuts = 0
        self._limit_bytes = 0
        self._times = 0
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    def cut_after(self, limit_bytes: int, times: int) -> None:
        """Cut every connection once it has carried so many bytes to the server, until that has happened so often."""
        with self._lock:
            self._limit_bytes, self._times = limit_bytes, times
            self.sent_bytes = self.cuts = 0

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
        carried = 0
        with contextlib.suppress(OSError):
            while piece := client.recv(PIECE_BYTES):
                carried += len(piece)
                with self._lock:
                    self.sent_bytes += len(piece)
                    is_over = self.cuts < self._times and carried > self._limit_bytes
                    self.cuts += is_over
                server.sendall(piece)
                if is_over:
                    break
        _end(client, server)

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := server.recv(PIECE_BYTES):
                client.sendall(piece)
        _end(client, server)


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
