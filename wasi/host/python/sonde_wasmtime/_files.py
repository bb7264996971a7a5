"""Where the module and the tables of C lie: beside this file in a wheel, else
in the source tree."""

from __future__ import annotations

import os
from pathlib import Path

# what the wheel holds in data/, and where the source tree has it
NAMES = {
    "sonde-edge.wasm": "dist/edge/sonde-edge.wasm",
    "signed_options.def": "src/signed_options.def",
    "signed_reasons.def": "src/signed_reasons.def",
    "sonde_status.def": "src/sonde_status.def",
}

_PACKAGE = Path(__file__).resolve().parent


def source_tree() -> Path | None:
    """The root of the source tree that this file is part of, if it is."""
    root = _PACKAGE.parents[3] if len(_PACKAGE.parents) > 3 else _PACKAGE
    return root if (root / "src" / "sonde_signed.h").is_file() else None


def find(name: str) -> Path | None:
    """The path of one of NAMES, or None."""
    shipped = _PACKAGE / "data" / name
    if shipped.is_file():
        return shipped
    tree = source_tree()
    if tree is not None and (tree / NAMES[name]).is_file():
        return tree / NAMES[name]
    return None


def find_module() -> Path:
    """The path of sonde-edge.wasm: the environment's, else the package's."""
    chosen = os.environ.get("SONDE_EDGE_WASM")
    if chosen:
        return Path(chosen)
    found = find("sonde-edge.wasm")
    if found is None:
        raise FileNotFoundError(
            "sonde-edge.wasm was not found: build it with ./dev build, or say "
            "where it is with wasm=… or the environment's SONDE_EDGE_WASM"
        )
    return found
