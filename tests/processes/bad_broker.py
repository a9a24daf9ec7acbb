"""A broker made worse: queues of one message, hardly any memory, a certificate that has expired. Starts and stops as ours."""

import re

from provisioning.broker import HOST, Broker
from provisioning.stage import StageError
from tests.processes.hardship import Certificate

# mosquitto 2.0.11 counts 45 KB when three clients are there and nothing was said yet; below 10 KB it does not start.
MEMORY = 60_000
SHAPES = {
    "": (),
    "narrow": (("max_inflight_messages", 1), ("max_queued_messages", 1)),
    "poor": (("memory_limit", MEMORY),),
}


class BadBroker(Broker):
    """`shape`: one of `SHAPES`, in force from the next start on."""

    shape = ""

    def certificate(self, keys):
        """Its certificate, to be expired and renewed."""
        return Certificate(keys, place=self.place, stem="broker", name="broker", names=("localhost", HOST))

    def begin(self, shape=""):
        """Start (again) in this shape."""
        self.stop()
        self.shape = shape
        self.start()

    def reload_acl(self, writers):
        """As ours; a broker that died is started again, as systemd would. mosquitto 2.0.11 does die of a reload now and then (SIGSEGV)."""
        writers = list(writers)
        try:
            super().reload_acl(writers)
        except StageError:
            if self._program is not None and self._program.running():
                raise
            self.begin(self.shape)

    def config(self, *, port, bind, user):
        """As ours, with the lines of its shape."""
        text = super().config(port=port, bind=bind, user=user)
        for name, value in SHAPES[self.shape]:
            text = re.sub(rf"(?m)^{name} .*\n", "", text) + f"{name} {value}\n"
        return text
