"""What every test relies on."""

import os
import signal

from hypothesis import settings

# A shared machine is slow now and then: that is no failure of a property. A check before a change goes in meets the
# same examples every time; MKSYNC_EXPLORE=1 looks for new ones.
settings.register_profile("mksync", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("explore" if os.environ.get("MKSYNC_EXPLORE") else "mksync")

# Whoever runs the tests in the background of a script has them ignore Ctrl-C, and the programs that they start, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
