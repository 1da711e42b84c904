"""A content security policy that lets a page run what is in it, and fetch nothing."""

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import Final

_SCRIPT: Final = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)


def with_policy(text: str, hosts: Sequence[str] = ()) -> str:
    """Forbid every request, and every script that is not in the page now.

    Parameters
    ----------
    text : str
        A whole HTML page with Unix line ends.
    hosts : sequence of str
        Origins that pictures may come from, such as ``"https://*.tile.example.org"``.

    Returns
    -------
    str
        The page with the policy at the beginning of its head. Scripts may run if their SHA-256 is
        that of a script of the page, so an attribute or an element that a text turned into cannot.

    Examples
    --------
    >>> page = with_policy("<html><head></head><body><script>go()</script></body></html>")
    >>> page.count("'sha256-"), "default-src 'none'" in page
    (1, True)
    """
    sums = dict.fromkeys(
        base64.b64encode(hashlib.sha256(match[2].encode()).digest()).decode()
        for match in _SCRIPT.finditer(text)
        if "application/json" not in match[1]
    )
    scripts = " ".join(f"'sha256-{value}'" for value in sums) or "'none'"
    pictures = " ".join(["data:", "blob:", *hosts])
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
        f"img-src {pictures}; font-src data:; media-src data:; base-uri 'none'; form-action 'none'"
    )
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return text.replace("<head>", f'<head>\n<meta charset="utf-8">\n{tag}', 1)
