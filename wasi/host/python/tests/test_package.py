"""The package itself: its version, types, tables, and what a wheel holds."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import sonde_wasmtime
from conftest import ROOT
from sonde_wasmtime import REASONS, Verifier, _tables

HERE = Path(__file__).resolve().parents[1]


def run(*command: str | Path, cwd: Path = HERE, **changes: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env={**os.environ, **changes}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_version() -> None:
    header = (ROOT / "src/sonde.h").read_text(encoding="utf-8")
    found = re.search(r'#define SONDE_VERSION "(.*)"', header)
    assert found is not None and sonde_wasmtime.__version__ == found[1]
    assert f'\nversion = "{found[1]}"\n' in (HERE / "pyproject.toml").read_text()


def test_every_option_is_a_parameter() -> None:
    parameters = inspect.signature(Verifier).parameters
    for option in _tables.OPTIONS.values():
        assert option.name in parameters
    lines = (
        (ROOT / "src/signed_options.def").read_text().count("\nSONDE_SIGNED_OPTION(")
    )
    assert lines == len(_tables.OPTIONS)


def test_tables() -> None:
    lines = (ROOT / "src/signed_reasons.def").read_text().count("\nSONDE_REASON(")
    assert lines == len(REASONS)
    assert _tables.OPTIONS["max_body"][:5] == (4, "max_body", 65536, 1024, 1048576)
    assert REASONS["render_missing"].field is None
    assert _tables.status_text(-14).startswith("WEAK_SECRET: ")


def test_reference_names_all_parameters_defaults_and_ranges() -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    for name, parameter in inspect.signature(Verifier).parameters.items():
        assert name == "unknown" or f"| `{name}` |" in text, name
    for option in _tables.OPTIONS.values():
        shown = "False" if option.unit == "boolean" else str(option.default)
        span = "" if option.unit == "boolean" else f"{option.least} … {option.most} "
        assert f"| `{option.name}` | {shown} | {span}|" in text, option.name
    for code in REASONS:
        assert f"`{code}`" in text, code


def test_types() -> None:
    run(sys.executable, "-m", "mypy")


@pytest.mark.parametrize("place", ["examples/support", "bench/signed"])
def test_types_of_what_uses_it(place: str) -> None:
    files = [path.name for path in (ROOT / place).glob("*.py")]
    options = ("--strict", "--config-file=", f"--cache-dir={HERE / '.mypy_cache'}")
    run(
        sys.executable, "-m", "mypy", *options, *files, cwd=ROOT / place,
        MYPYPATH=str(HERE),
    )  # fmt: skip


def test_types_of_a_user(tmp_path: Path) -> None:
    """py.typed holds for those who use the package, and wrong uses are seen."""
    use = tmp_path / "use.py"
    use.write_text(
        "from sonde_wasmtime import Verdict, Verifier\n"
        "verdict: Verdict = Verifier('x').verify(b'', None, None)\n"
        "name: str = verdict.name\n"
        "Verifier('x', min_agee=1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", use],
        cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "MYPYPATH": str(HERE)},
    )  # fmt: skip
    found = re.findall(r"use\.py:(\d): error: .*\[(.*)\]", done.stdout)
    assert found == [("3", "assignment"), ("4", "arg-type")], done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as a user builds it, but with the setuptools that is here."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "tree/wasi/host/python"
    copy.parent.mkdir(parents=True)
    for place in ("src", "LICENSE"):
        (folder / "tree" / place).symlink_to(ROOT / place)
    module = folder / "tree/dist/edge/sonde-edge.wasm"
    module.parent.mkdir(parents=True)
    module.symlink_to(sonde_wasmtime._files.find_module())
    run("cp", "-r", HERE, copy)
    run("rm", "-rf", copy / "build")
    run(
        sys.executable, "-m", "pip", "wheel", "-q", "--no-build-isolation",
        "--no-deps", "--disable-pip-version-check", "-w", folder, copy,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def test_building_needs_no_wasmtime() -> None:
    """Builds are isolated from what is installed, but for setuptools."""
    code = (
        "import runpy, sys; sys.modules['wasmtime'] = None; "
        "sys.argv = ['setup.py', '--version']; runpy.run_path('setup.py')"
    )
    version = run(sys.executable, "-c", code).strip().splitlines()[-1]
    assert version == sonde_wasmtime.__version__


def test_wheel(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path)
    for name in ("sonde-edge.wasm", "signed_options.def", "signed_reasons.def"):
        assert f"sonde_wasmtime/data/{name}" in names
    assert "sonde_wasmtime/py.typed" in names
    meta = next(tmp_path.glob("*.dist-info/METADATA")).read_text(encoding="utf-8")
    assert "\nLicense-Expression: BSD-3-Clause\n" in meta
    assert any(name.endswith("/LICENSE") for name in names)
    script = (
        "import sonde_wasmtime as s; v = s.Verifier('x' * 16); "
        "print(s.__file__, v.open_identity(v.mint_identity(7)))"
    )
    environ = {"PYTHONPATH": str(tmp_path), "SONDE_EDGE_WASM": ""}
    out = run(sys.executable, "-c", script, cwd=tmp_path, **environ)
    assert out.split() == [str(tmp_path / "sonde_wasmtime/__init__.py"), "7"]
