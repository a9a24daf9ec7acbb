"""A WSGI application listening: waitress on a thread of its own. Knows nothing of what the application does."""

import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

from waitress.server import create_server

logger = logging.getLogger(__name__)
# How long `stop` waits for the thread.
STOP_S = 10.0
# Who called and by which scheme. Not the host: a proxy hands on the one that was asked for.
BELIEVED = ("x-forwarded-for", "x-forwarded-proto")


class WebServer:
    """waitress on a thread of its own, around a WSGI application; `port` 0 takes a free one.

    `shared`: other processes of this user may listen on the same port; the kernel shares connections out.
    `proxy`: the address our own proxy calls from, the last of `proxies`; nobody else is believed about a caller.
    """

    def __init__(
        self, app: Callable[..., object], *, host: str, port: int, threads: int, shared: bool = False, proxy: str = "",
        proxies: int = 1,
    ) -> None:  # fmt: skip
        # Our own socket, because waitress would make one per address of the name and then has no single port.
        self._socket = socket.create_server((host, port), reuse_port=shared)
        self._channels: dict[int, Any] = {}
        # waitress takes the headers of everybody else away, and of a longer list all but the last `proxies` names.
        believed = {
            "trusted_proxy": proxy, "trusted_proxy_count": proxies, "trusted_proxy_headers": BELIEVED,
        } if proxy else {}  # fmt: skip
        self._server = create_server(
            app, map=self._channels, sockets=[self._socket], threads=threads, ident=None,
            clear_untrusted_proxy_headers=True, **believed,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._server.run, name="tram-web", daemon=True)
        self.address = f"http://{host}:{self._socket.getsockname()[1]}/"

    def start(self) -> None:
        """Serve until `stop`; connections are accepted from the constructor on."""
        self._thread.start()

    def alive(self) -> bool:
        """Does the thread still serve?"""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finish what is being answered, then close everything."""
        self._server.task_dispatcher.shutdown()
        # The loop's own thread must close its channels; when none is left, the loop ends.
        self._server.trigger.pull_trigger(self._close)
        self._thread.join(STOP_S)
        self._socket.close()
        if self._thread.is_alive():
            logger.error("web_thread_left_running")
        elif not self._server.task_dispatcher.threads:
            # Last, and not while anybody answers: whoever pulled a closed one wrote into a file opened under its number.
            self._server.trigger.close()

    def _close(self) -> None:
        for each in list(self._channels.values()):
            if each in (self._server, self._server.trigger):
                each.del_channel()
            else:
                each.close()
