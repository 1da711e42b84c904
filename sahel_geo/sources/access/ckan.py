"""The Humanitarian Data Exchange: which file of a data set is the one, and of when."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.cache import Entry
from sahel_geo.sources.access.tables import require

HDX_URL: Final = "https://data.humdata.org/"


def hdx_file(access: Access, data_set: str, kind: str, choose: Callable[[str, str], bool]) -> Entry:
    """Get the file of a data set of HDX that `choose` takes by name and format, anew if changed."""
    answer, _ = access.json(
        "api/3/action/package_show",
        {"id": data_set},
        check=partial(_check, access),
        old_serves=True,
    )
    offered = [each for each in answer["result"]["resources"] if isinstance(each, dict)]
    fitting = [
        each
        for each in offered
        if choose(_name(each), _text(each, "format"))
        and (each.get("download_url") or each.get("url"))
    ]
    if not fitting:
        access.fail(
            "the data set {name} of HDX has no such file any more; it has {files}. Look at {home}",
            name=data_set,
            files=", ".join(_name(each) for each in offered)[:200] or "-",
            home=f"{access.base_url}dataset/{data_set}",
        )
    chosen = max(fitting, key=lambda each: _text(each, "last_modified"))
    version = str(chosen.get("last_modified") or "")[:19]
    return access.file(str(chosen.get("download_url") or chosen["url"]), kind, version=version)


def _check(access: Access, answer: Any) -> None:
    names = answer if isinstance(answer, dict) else {}
    require(access, names, ("result",), "package_show")
    result = names["result"] if isinstance(names["result"], dict) else {}
    require(access, result, ("resources",), "package_show")
    if not isinstance(result["resources"], list):
        access.fail("resources is no list of files; the publisher changed it. Update sahel_geo")


def _name(resource: Mapping[str, Any]) -> str:
    address = str(resource.get("url") or "").rsplit("/", 1)[-1]
    return f"{_text(resource, 'name')} {address.lower()}".strip()


def _text(resource: Mapping[str, Any], key: str) -> str:
    return str(resource.get(key) or "").lower()
