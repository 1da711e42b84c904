"""Fuzz the readers with atheris, guided by what their code reaches: ``make fuzz``.

Run: python tests/fuzz/hours.py [SECONDS] [TARGET ...]

Each target runs in a process of its own, for an equal share of the time (an hour in all by
default). A file that makes a foreign error is kept in ``.fuzz/<target>/crash-*``.
"""

import subprocess
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one target in this process; atheris does not return."""
    import atheris  # noqa: PLC0415  an extra of its own

    sys.path.insert(0, str(ROOT))
    warnings.simplefilter("ignore")
    with atheris.instrument_imports(include=["sahel_geo"]):
        from tests.fuzz.targets import feed, sound  # noqa: PLC0415

    folder = ROOT / ".fuzz" / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "sound").write_bytes(sound(name))
    options = [f"-max_total_time={seconds}", "-max_len=65536", "-timeout=60", "-rss_limit_mb=2500"]
    arguments = [sys.argv[0], *options, f"-artifact_prefix={folder}/", str(corpus)]
    atheris.Setup(arguments, lambda content: feed(name, content))
    atheris.Fuzz()


def main() -> int:
    """Fuzz every target, or those that are named."""
    if sys.argv[1:2] == ["--one"]:
        fuzz(sys.argv[2], int(sys.argv[3]))
        return 0
    sys.path.insert(0, str(ROOT))
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415

    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 3600
    names = sys.argv[2:] or list(TARGETS)
    share = max(10, seconds // len(names))
    failed = []
    for name in names:
        sys.stdout.write(f"{name}: {share} s\n")
        sys.stdout.flush()
        command = [sys.executable, __file__, "--one", name, str(share)]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    sys.stdout.write(f"foreign errors, too slow, or too large: {failed or 'none'}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
