"""Server configuration of the browser tests.

The server has no token and no cross-site check: it is for these tests alone.
"""

import os

from jupyterlab.galata import configure_jupyter_server

configure_jupyter_server(c)  # noqa: F821
c.ServerApp.ip = "127.0.0.1"  # noqa: F821
c.ServerApp.port = int(os.environ.get("GALATA_PORT", "23888"))  # noqa: F821
c.ServerApp.allow_root = True  # noqa: F821
