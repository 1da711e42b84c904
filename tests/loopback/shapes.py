"""What publishers send, in their shape, with rows of our own invention."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from tests.loopback.server import Asked, Reply

GED_COLUMNS = (
    *("id", "relid", "year", "active_year", "code_status", "type_of_violence"),
    *("conflict_dset_id", "conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id"),
    *("dyad_name", "side_a_dset_id", "side_a_new_id", "side_a", "side_b_dset_id"),
    *("side_b_new_id", "side_b", "number_of_sources", "source_article", "source_office"),
    *("source_date", "source_headline", "source_original", "where_prec", "where_coordinates"),
    *("where_description", "adm_1", "adm_2", "latitude", "longitude", "geom_wkt", "priogrid_gid"),
    *("country", "country_id", "region", "event_clarity", "date_prec", "date_start", "date_end"),
    *("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low"),
    *("gwnoa", "gwnob"),
)
_COUNTRY_IDS = {"Mali": 432, "Niger": 436, "Burkina Faso": 439, "Nigeria": 475, "Somalia": 520}
# Places of the three countries, where invented events may lie.
PLACES = (
    ("Mali", "Ansongo", 15.6599, 0.5010),
    ("Mali", "Koro", 14.0683, -3.0790),
    ("Mali", "Ménaka", 15.9182, 2.4022),
    ("Niger", "Tillabéri", 14.2117, 1.4531),
    ("Niger", "Torodi", 13.1167, 1.8000),
    ("Burkina Faso", "Djibo", 14.1022, -1.6306),
    ("Burkina Faso", "Dori", 14.0354, -0.0345),
)


def ged_row(number: int, day: str, place: int = 0, **other: object) -> dict[str, Any]:
    """Give one row of UCDP GED with all its columns."""
    country, town, lat, lon = PLACES[place % len(PLACES)]
    row: dict[str, Any] = dict.fromkeys(GED_COLUMNS, "")
    row |= {
        "id": number,
        "relid": f"TOY-{number}",
        "year": day[:4],
        "active_year": "True",
        "code_status": "Clear",
        "type_of_violence": 1,
        "side_a": "Government of Toyland",
        "side_b": "Toy group",
        "number_of_sources": 1,
        "source_article": '"Toy press, with a comma",\nand a second line',
        "where_prec": 1,
        "where_coordinates": town,
        "latitude": lat,
        "longitude": lon,
        "country": country,
        "country_id": _COUNTRY_IDS[country],
        "region": "Africa",
        "event_clarity": 1,
        "date_prec": 1,
        "date_start": f"{day} 00:00:00.000",
        "date_end": f"{day} 00:00:00.000",
        "best": 3,
        "high": 4,
        "low": 2,
    }
    return row | other


def csv_bytes(rows: Sequence[Mapping[str, Any]], columns: Iterable[str] | None = None) -> bytes:
    """Write rows as CSV, quoted as publishers do."""
    text = io.StringIO(newline="")
    names = list(columns or rows[0])
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    """Pack files into an archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()


def ged_zip(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Give the yearly release of UCDP GED."""
    return zip_bytes({"GEDEvent_v26_1.csv": csv_bytes(rows, GED_COLUMNS)})


def downloads_page(names: Iterable[str], folder: str = "ged") -> Reply:
    """Give UCDP's download page with links to some files."""
    items = "".join(f'<li><a class="x" href="{folder}/{name}">CSV</a></li>' for name in names)
    return Reply(
        f"<!doctype html><html><body><a href='#'>top</a><ul>{items}</ul></body></html>".encode(),
        headers={"Content-Type": "text/html"},
    )


def json_reply(value: object, status: int = 200, **headers: str) -> Reply:
    """Answer in JSON."""
    return Reply(
        json.dumps(value).encode(), status, {"Content-Type": "application/json", **headers}
    )


def ged_api(rows: Sequence[Mapping[str, Any]], token: str) -> Any:
    """Answer as UCDP's API does: by page, and only with the token."""

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("x-ucdp-access-token") != token:
            return Reply(b"Unauthorized", 401)
        size, number = int(asked.query["pagesize"]), int(asked.query["page"])
        pages = -(-len(rows) // size)
        return json_reply(
            {
                "TotalCount": len(rows),
                "TotalPages": pages,
                "PreviousPageUrl": "",
                "NextPageUrl": f"https://elsewhere.invalid/?page={number + 1}",
                "Result": list(rows[number * size : (number + 1) * size]),
            }
        )

    return answer


def acled_row(number: int, day: str, place: int = 0, **other: object) -> dict[str, Any]:
    """Give one event as ACLED's API does."""
    country, town, lat, lon = PLACES[place % len(PLACES)]
    row: dict[str, Any] = {
        "event_id_cnty": f"TOY{number}",
        "event_date": day,
        "year": day[:4],
        "time_precision": "1",
        "disorder_type": "Political violence",
        "event_type": "Battles",
        "sub_event_type": "Armed clash",
        "actor1": "Military Forces of Toyland",
        "assoc_actor_1": "",
        "inter1": "State forces",
        "actor2": "Toy group",
        "assoc_actor_2": "",
        "inter2": "Rebel group",
        "interaction": "State forces-Rebel group",
        "civilian_targeting": "",
        "iso": "466",
        "region": "Western Africa",
        "country": country,
        "admin1": "",
        "admin2": "",
        "admin3": "",
        "location": town,
        "latitude": str(lat),
        "longitude": str(lon),
        "geo_precision": "1",
        "source": "Toy press",
        "source_scale": "Other",
        "notes": "Invented, with a comma,\nand a second line",
        "fatalities": "2",
        "tags": "",
        "timestamp": "1762300000",
        "population_best": "",
    }
    return row | other


def acled_reply(rows: Sequence[Mapping[str, Any]], **other: object) -> Reply:
    """Give a page of ACLED's API."""
    answer = {
        "status": 200,
        "success": True,
        "last_update": 1,
        "count": len(rows),
        "messages": [],
        "data": list(rows),
        "data_query_restrictions": None,
    }
    return json_reply(answer | other)


class Acled:
    """ACLED's server: an account, a token, events by page, deletions."""

    def __init__(self, server: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows, self.deleted = list(rows), list[dict[str, str]]()
        self.account = ("toy@example.org", "toy pass & word")
        self.token, self.renewal, self.seconds = "toy-token-of-a-day", "toy-refresh-token", 86400
        self.more: dict[str, object] = {}
        server.answer("/oauth/token", self._login)
        server.answer("/api/acled/read", self._read)
        server.answer("/api/deleted/read", self._read_deleted)

    def _login(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if form["grant_type"] == "refresh_token":
            return self._renew(form)
        if (form["username"], form["password"]) != self.account:
            return json_reply({"error": "invalid_grant", "error_description": "no"}, 400)
        expected = {"grant_type": "password", "client_id": "acled", "scope": "authenticated"}
        if not expected.items() <= form.items():
            return json_reply({"error": "invalid_request"}, 400)
        return self._grant()

    def _renew(self, form: Mapping[str, str]) -> Reply:
        """Give another token for the one of before; the old one serves no longer."""
        if form["client_id"] != "acled" or form["refresh_token"] != self.renewal:
            return json_reply({"error": "invalid_grant"}, 400)
        self.token, self.renewal = f"{self.token}+", f"{self.renewal}+"
        return self._grant()

    def _grant(self) -> Reply:
        return json_reply(
            {
                "token_type": "Bearer",
                "expires_in": self.seconds,
                "access_token": self.token,
                "refresh_token": self.renewal,
            }
        )

    def _read(self, asked: Asked) -> Reply:
        if asked.headers.get("Authorization") != f"Bearer {self.token}":
            return json_reply({"message": "Unauthorized"}, 401)
        first, last = asked.query["event_date"].split("|")
        names = asked.query["country"].split("|")  # a name is matched as a part of one
        rows = [
            row
            for row in self.rows
            if first <= row["event_date"] <= last and any(each in row["country"] for each in names)
        ]
        size, number = int(asked.query["limit"]), int(asked.query["page"])
        return acled_reply(rows[(number - 1) * size : number * size], **self.more)

    def _read_deleted(self, asked: Asked) -> Reply:
        number, size = int(asked.query["page"]), int(asked.query["limit"])
        return acled_reply(self.deleted[(number - 1) * size : number * size])


def ckan(server: Any, data_set: str, *files: tuple[str, str, Reply]) -> None:
    """Let a data set of HDX offer files: name, format, content."""
    resources = []
    for number, (name, format_, reply) in enumerate(files):
        path = f"/dataset/{data_set}/resource/{number}/download/{name}"
        server.answer(path, reply)
        resources.append(
            {
                "name": name,
                "format": format_,
                "url": server.url + path,
                "last_modified": f"2026-11-2{number}T06:00:00.000000",
            }
        )
    answer = {"success": True, "result": {"name": data_set, "resources": resources}}

    def show(asked: Asked) -> Reply:
        return json_reply(known.get(asked.query["id"], {}), 200)

    known = server.__dict__.setdefault("data_sets", {})
    known[data_set] = answer
    server.answer("/api/3/action/package_show", show)


def workbook_bytes(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """Write a workbook."""
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def totals_workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """Give ACLED's totals as HDX has them."""
    head = ["Country", "Admin1", "Admin2", "ISO3", "Admin2 Pcode", "Admin1 Pcode", "Month", "Year",
            "Events", "Fatalities"]  # fmt: skip
    return workbook_bytes({"README": [["Terms of use"]], "Data": [head, *rows]})


def gdelt_line(number: int, country: str = "ML", root: str = "19", day: str = "20261128") -> str:
    """Give one event of GDELT's files, 61 fields without a header."""
    fields = [""] * 61
    fields[0], fields[1] = str(number), day
    fields[6], fields[16] = "TOYLAND", "REBEL"
    fields[26], fields[28] = root + "0", root
    fields[51], fields[52], fields[53] = "4", "Ansongo, Gao, Mali", country
    fields[56], fields[57], fields[59] = "15.6599", "0.501", f"{day}120000"
    fields[60] = "https://news.invalid/a"
    return "\t".join(fields)
