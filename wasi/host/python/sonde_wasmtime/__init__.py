"""Signed identity and support submissions, verified by Sonde's C core inside
Wasmtime: see README.md and `Verifier`."""

from ._tables import REASONS, Reason
from .errors import SondeHostError
from .verdict import RenderCheck, Submission, Verdict
from .verifier import Verifier

__version__ = "0.1.0"  # as in src/sonde.h; a test compares

__all__ = [
    "REASONS",
    "Reason",
    "RenderCheck",
    "SondeHostError",
    "Submission",
    "Verdict",
    "Verifier",
    "__version__",
]
