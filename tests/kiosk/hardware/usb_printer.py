"""A virtual printer at a USB port, as pyusb's backends see one: python-escpos and pyusb are the real ones, the bus is not."""

import errno
import socket
from types import SimpleNamespace

from usb.backend import IBackend
from usb.core import USBError, USBTimeoutError

from kiosk.hardware.printer_fake import VirtualPrinter

VENDOR, PRODUCT = 0x04B8, 0x0E28
PRINTER_CLASS, BULK = 7, 2
FIRST_ENDS = (0x82, 0x01)
_NONE = {"extra_descriptors": []}


class UsbPort(IBackend):
    """The bus with one printer: what is written to its `ends` (in, out) goes to the TCP port `place` of a virtual printer."""

    def __init__(self, place, *, is_plugged, ends):
        host, _, port = place.partition(":")
        self._place = (host, int(port))
        self._is_plugged = is_plugged
        self._ends = ends

    def enumerate_devices(self):
        if self._is_plugged():
            yield self

    def get_device_descriptor(self, _dev):
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=VENDOR, idProduct=PRODUCT, bcdDevice=0x100, iManufacturer=0, iProduct=0,
            iSerialNumber=0, bNumConfigurations=1, address=5, bus=1, port_number=1, port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, _dev, config):
        if config:
            raise IndexError(config)
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1, iConfiguration=0,
            bmAttributes=0xC0, bMaxPower=1, **_NONE,
        )  # fmt: skip

    def get_interface_descriptor(self, _dev, interface, alternate, _config):
        if interface or alternate:
            raise IndexError(interface)
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=2,
            bInterfaceClass=PRINTER_CLASS, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0, **_NONE,
        )  # fmt: skip

    def get_endpoint_descriptor(self, _dev, end, _interface, _alternate, _config):
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=self._ends[end], bmAttributes=BULK, wMaxPacketSize=64,
            bInterval=0, bRefresh=0, bSynchAddress=0, **_NONE,
        )  # fmt: skip

    def open_device(self, _dev):
        try:
            return socket.create_connection(self._place, timeout=1)
        except OSError as error:
            raise _gone() from error

    def close_device(self, handle):
        handle.close()

    def set_configuration(self, handle, value):
        pass

    def get_configuration(self, _handle):
        return 1

    def claim_interface(self, handle, interface):
        pass

    def release_interface(self, handle, interface):
        pass

    def reset_device(self, handle):
        pass

    def bulk_write(self, handle, end, _interface, data, timeout):
        assert end == self._ends[1]
        handle.settimeout(timeout / 1000)
        try:
            handle.sendall(data.tobytes())
        except TimeoutError as error:
            raise USBTimeoutError("Operation timed out", errno=errno.ETIMEDOUT) from error
        except OSError as error:
            raise _gone() from error
        return len(data)

    def bulk_read(self, handle, end, _interface, buffer, timeout):
        assert end == self._ends[0]
        handle.settimeout(timeout / 1000)
        try:
            data = handle.recv(len(buffer))
        except TimeoutError as error:
            raise USBTimeoutError("Operation timed out", errno=errno.ETIMEDOUT) from error
        except OSError as error:
            raise _gone() from error
        if not data:
            raise _gone()
        for place, byte in enumerate(data):
            buffer[place] = byte
        return len(data)


class UsbPrinter(VirtualPrinter):
    """The virtual printer with all its levers, at `usb_backend` instead of a network. `ends`: its endpoints, in and out."""

    def __init__(self, *, ends=FIRST_ENDS, **given):
        super().__init__(**given)
        self.usb_backend = UsbPort(super().address, is_plugged=lambda: self.state != "disconnected", ends=ends)

    @property
    def kind(self):
        return "usb"

    @property
    def address(self):
        return f"{VENDOR:04x}:{PRODUCT:04x}"


def _gone():
    return USBError("No such device (it may have been disconnected)", errno=errno.ENODEV)
