"""Server configuration of the browser tests.

The server has no token and no cross-site check: it is for these tests alone.
"""

import os
import sys
from pathlib import Path

from jupyterlab.galata import configure_jupyter_server

configure_jupyter_server(c)  # noqa: F821
c.ServerApp.ip = "127.0.0.1"  # noqa: F821
c.ServerApp.port = int(os.environ.get("GALATA_PORT", "23888"))  # noqa: F821
c.ServerApp.local_hostnames = ["localhost", "remote.test"]  # noqa: F821
c.ServerApp.allow_root = True  # noqa: F821

# The endpoint whose sockets are compared with and without the guard.
sys.path.insert(0, str(Path(__file__).parent))
c.ServerApp.jpserver_extensions = {"peer": True}  # noqa: F821
c.AiWsApp.guarded_paths = {"peer/guarded/": "Test peer"}  # noqa: F821
