"""
gunicorn, granian and uvicorn: web servers that serve a registry as an application.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.process import answers, free_port, require_module, running, short_folder

ROOT = Path(__file__).parent.parent.parent

#: How each is told where to listen.
ARGUMENTS = {
    "gunicorn": ("--bind", "127.0.0.1:{}", "--threads", "16", "--log-level", "warning"),
    "uvicorn": ("--port", "{}", "--log-level", "warning"),
    "granian": ("--port", "{}", "--interface", "asgi", "--no-ws", "--log-level", "warning"),
}


@contextmanager
def serving(name: str, application: str, *more: str) -> Iterator[str]:
    """
    Serve `module:application` with a web server; gives "127.0.0.1:PORT".
    """
    require_module(name)
    port = free_port()
    arguments = [argument.replace("{}", str(port)) for argument in ARGUMENTS[name]]
    argv = (sys.executable, "-m", name, *arguments, *more, application)
    with short_folder(name) as folder:
        ready = lambda: answers(("127.0.0.1", port), "/v2/") is not None  # noqa: E731
        with running(argv, folder / "log", ready, env={"PYTHONPATH": str(ROOT)}):
            yield f"127.0.0.1:{port}"


@pytest.fixture(scope="session")
def gunicorn() -> Iterator[str]:
    """
    gunicorn, with a registry for each test; gives "127.0.0.1:PORT".
    """
    with serving("gunicorn", "tests.server.fresh:wsgi_application") as host:
        yield host


@pytest.fixture(scope="session")
def uvicorn() -> Iterator[str]:
    """
    uvicorn, with a registry for each test; gives "127.0.0.1:PORT".
    """
    with serving("uvicorn", "tests.server.fresh:asgi_application") as host:
        yield host


@pytest.fixture(scope="session")
def granian() -> Iterator[str]:
    """
    granian, with a registry for each test; gives "127.0.0.1:PORT".
    """
    with serving("granian", "tests.server.fresh:asgi_application") as host:
        yield host
