"""nginx and HAProxy before a server, configured as deployments are, well and badly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..ports import unused_port
from .processes import Program, program

if TYPE_CHECKING:
    from pathlib import Path

FORWARDING: Final = """
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
"""
"""What an nginx location needs to pass WebSockets on."""

_NGINX: Final = """
daemon off; master_process off; pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
  access_log off; {temporary}
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port} {listen};
    {server}
    location / {{
      proxy_pass http://127.0.0.1:{backend};
      {location}
    }}
  }}
}}
"""
_HAPROXY: Final = """
global
  maxconn 256
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  {timeouts}
listen jupyter
  bind 127.0.0.1:{port}
  server jupyter 127.0.0.1:{backend}
"""


def nginx(
    folder: Path, backend: int, location: str = FORWARDING, *, listen: str = "", server: str = ""
) -> Program:
    """Return an nginx, not started.

    Args:
        folder: For its files.
        backend: Port of the server.
        location: Directives of the server's location.
        listen: Parameters of `listen`, "ssl" for instance.
        server: Directives beside the location.
    """
    port = unused_port()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    text = _NGINX.format(
        folder=folder,
        temporary=" ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds),
        port=port,
        backend=backend,
        location=location,
        listen=listen,
        server=server,
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    log = folder / "nginx.log"
    return Program([program("nginx"), "-p", folder, "-c", configuration, "-e", log], port, log)


def haproxy(folder: Path, backend: int, timeouts: str = "") -> Program:
    """Return an HAProxy, not started.

    Args:
        folder: For its files.
        backend: Port of the server.
        timeouts: More directives of `defaults`.
    """
    port = unused_port()
    configuration = folder / "haproxy.cfg"
    configuration.write_text(_HAPROXY.format(port=port, backend=backend, timeouts=timeouts))
    return Program([program("haproxy"), "-db", "-f", configuration], port, folder / "haproxy.log")
