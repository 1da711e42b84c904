#!/usr/bin/env bash
# Print the path of the newest Python here that is newer than the default python3, or nothing.
set -euo pipefail
default=$(python3 -c 'import sys; print(sys.version_info.minor)')
for minor in 14 13 12; do
  [ "$minor" -gt "$default" ] || continue
  for candidate in "$(command -v "python3.$minor" || true)" "${PYENV_ROOT:-/nonexistent}"/versions/3."$minor".*/bin/python; do
    if [ -x "$candidate" ] && "$candidate" -c 'import venv, sys; print(sys.executable)' 2>/dev/null; then
      exit 0
    fi
  done
done
