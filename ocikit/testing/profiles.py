"""
Settings of Hypothesis by what they are for.
"""

from __future__ import annotations

from typing import Any, Final

from hypothesis import HealthCheck, settings

#: None has a deadline: it would measure the machine, not the code.
PROFILES: Final[dict[str, dict[str, Any]]] = {
    "fast": {"max_examples": 20},
    "ci": {"max_examples": 200, "derandomize": True, "print_blob": True},
    "thorough": {"max_examples": 2000, "print_blob": True},
}


def load_profile(name: str) -> None:
    """
    Take the settings "fast", "ci" or "thorough" for all tests; call it in a conftest.py.

    Raises:
        KeyError: there is no such profile.

    >>> load_profile("slow")
    Traceback (most recent call last):
    KeyError: 'slow'
    """
    known = PROFILES[name]
    settings.register_profile(
        f"ocikit-{name}", deadline=None, suppress_health_check=[HealthCheck.too_slow], **known
    )
    settings.load_profile(f"ocikit-{name}")
