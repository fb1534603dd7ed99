"""
The distribution protocol as data.
"""

from ocikit.http.message import Body, Headers, Request, Response, Send

__all__ = ["Body", "Headers", "Request", "Response", "Send"]
