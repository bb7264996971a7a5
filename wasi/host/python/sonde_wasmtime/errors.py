"""What can go wrong in the host. A submission never raises."""

from __future__ import annotations


class SondeHostError(RuntimeError):
    """The module could not finish a call: it trapped, used up its
    fuel, or answered what this package does not know. The instance was
    replaced; the next call is not affected."""
