"""
Read, change and write OCI and Docker images as plain immutable records.
"""

from __future__ import annotations

__version__ = "0.1.0"
