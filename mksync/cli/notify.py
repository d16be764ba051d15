"""What systemd wants to know of a service (sd_notify(3)): a line to the socket that it names in the environment."""

import os
from contextlib import suppress


def notify(*lines: str) -> None:
    """Tell the service manager, if there is one that listens: "READY=1", "STATUS=…". It is never a reason to fail."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    import socket  # for a service alone

    name = "\0" + address[1:] if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto("\n".join(lines).encode(), name)
