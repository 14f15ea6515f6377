"""Makes virtual environments with AI extensions from PyPI: `python environments.py NAME...`

`requirements/NAME.txt` says what is in it. Without `--wheel` it sees JupyterLab and this tree
where the running interpreter has them, so only what is missing is installed. With it JupyterLab
and the wheel are installed into it and nothing else is seen. One that is as wanted is kept.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

HERE = Path(__file__).parent
TREE = HERE.parents[1]
KEPT = HERE.parent / ".environments"
"""Those that see this tree in `tree`, those with a wheel in `wheel`."""


def make(name: str, wheel: Path | None) -> None:
    """Make one, or keep it."""
    requirements = HERE / "requirements" / f"{name}.txt"
    folder = KEPT / ("wheel" if wheel else "tree") / name
    about = folder / "about.json"
    python = str(folder / "bin" / "python")
    wanted = {
        "requirements": requirements.read_text(),
        "wheel": wheel and [str(wheel), wheel.stat().st_mtime_ns],
        "base": sys.prefix,
        "python": python,
        "variables": {} if wheel else variables(),
    }
    made = json.loads(about.read_text()) if about.exists() else {}
    if made == wanted:
        return
    print(f"making {folder}", flush=True)
    if wheel and made.get("wheel") and {**made, "wheel": wanted["wheel"]} == wanted:
        install(python, "--force-reinstall", "--no-deps", str(wheel))
    else:
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        if wheel:
            lab = "" if "jupyterlab==" in wanted["requirements"] else "[lab]"
            install(python, f"{wheel}{lab}", "-r", str(requirements))
        else:
            see_this_environment(folder)
            install(python, "-r", str(requirements))
    about.write_text(json.dumps(wanted))


def install(python: str, *what: str) -> None:
    """Let pip install something into an environment."""
    subprocess.run([python, "-m", "pip", "install", "-q", *what], check=True)


def see_this_environment(folder: Path) -> None:
    """Let an environment import what the running interpreter imports, after its own."""
    own = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (own / "tests.pth").write_text(f"{sysconfig.get_path('purelib')}\n{TREE}\n")


def variables() -> dict[str, str]:
    """Return what a server needs to find the files of JupyterLab and of this tree."""
    prefix = Path(sys.prefix)
    return {
        "JUPYTER_PATH": str(prefix / "share" / "jupyter"),
        "JUPYTER_CONFIG_PATH": str(prefix / "etc" / "jupyter"),
        "JUPYTERLAB_DIR": str(prefix / "share" / "jupyter" / "lab"),
    }


def main() -> None:
    """Make those that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--wheel", type=Path)
    arguments = parser.parse_args()
    for name in arguments.names:
        make(name, arguments.wheel and arguments.wheel.resolve())


if __name__ == "__main__":
    main()
