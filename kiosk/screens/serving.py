"""The touchscreen's pages on a port of this machine: waitress, begun and ended cleanly. Contains no business logic."""

import logging
import socket
import threading
from collections.abc import Callable

from flask import Flask
from waitress.server import create_server

log = logging.getLogger(__name__)
SCREEN_THREADS = 4
STOP_S = 5


def serve(app: Flask, port: int, *, host: str = "127.0.0.1", name: str = "screens") -> tuple[int, Callable[[], None]]:
    """Serve on `host`, this machine alone unless told; `port` 0 takes a free one.

    Gives the port and what ends it. `OSError` when it is taken.
    """
    # Bound before waitress begins its threads, which it would leave behind when the port is taken.
    listener = socket.create_server((host, port))
    taken = int(listener.getsockname()[1])
    server = create_server(app, sockets=[listener], threads=SCREEN_THREADS, clear_untrusted_proxy_headers=True)
    thread = threading.Thread(target=server.run, name=f"tram-{name}")
    thread.start()
    log.info("%s_started port=%s", name, taken)

    def close() -> None:
        for channel in list(server.active_channels.values()):
            channel.handle_close()
        server.del_channel()
        server.trigger.del_channel()

    def stop() -> None:
        # In the loop's own thread, at once: closed from here its sockets would vanish under a waiting select().
        server.trigger.pull_trigger(close)
        thread.join(timeout=STOP_S)
        listener.close()
        server.task_dispatcher.shutdown()
        if not thread.is_alive() and not server.task_dispatcher.threads:
            # Last, and not while anybody answers: whoever pulled a closed one wrote into a file opened under its number.
            server.trigger.close()

    return taken, stop
