#!/usr/bin/env bash
# Install the programs that tests/interoperability opens the exports in, where Debian's apt-get can.
# Elsewhere (macOS: brew install qgis gdal r; Windows: the installers of QGIS and R) the tests take
# what is there, and say what is not.
set -euo pipefail
packages=(python3-qgis qgis-providers gdal-bin r-cran-sf)
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
  echo "not installed here: ${packages[*]} (needs apt-get and root)" >&2
  exit 0
fi
if ! dpkg -s "${packages[@]}" >/dev/null 2>&1; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
