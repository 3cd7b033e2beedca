"""The dataset described for catalogues of data: DCAT 3 (W3C) and schema.org, in one document of JSON-LD 1.1."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.api.citations import NAME
from app.downloads.files import Download
from app.publishing.rendering import BASE

CONTEXT: Mapping[str, Any] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
LICENCE_URL = "https://creativecommons.org/publicdomain/zero/1.0/"
KEYWORDS = ("sanctions", "Security Council", "1718 Committee", "DPRK", "North Korea", "vessels", "designations")
DESCRIPTION = (
    "Who and which ships the United Nations Security Council put on its list for North Korea, by what, when and under "
    "which measures; who asked for one to be taken off and what came of it. Every fact with its source."
)


def linked_data(
    record: Mapping[str, Any], published_on: date, first_day: date | None, files: Iterable[Download]
) -> dict[str, Any]:
    """Describe one version of the dataset; links begin with ``BASE``.

    Args:
        record: the record of the dataset.
        published_on: day on which the version was first published here.
        first_day: day of the earliest change on record; None where there is none.
        files: the files to download, as /downloads lists them.
    """
    files = list(files)
    page = f"{BASE}/dataset"
    version = record["version"]
    return {
        "@context": CONTEXT,
        "@id": f"{page}?dataset={version}",
        "@type": ["dcat:Dataset", "schema:Dataset"],
        **_both("dcterms:title", "schema:name", NAME),
        **_both("dcterms:description", "schema:description", DESCRIPTION),
        **_both("dcterms:identifier", "schema:identifier", version),
        **_both("dcat:version", "schema:version", version),
        **_both("dcat:keyword", "schema:keywords", list(KEYWORDS)),
        **_both("dcterms:issued", "schema:datePublished", _day(published_on.isoformat())),
        **_both("dcterms:modified", "schema:dateModified", _day(record["covers_until"])),
        **_both("dcterms:license", "schema:license", {"@id": LICENCE_URL}),
        **_both("dcat:landingPage", "schema:url", {"@id": page}),
        "schema:inLanguage": "en",
        "dcterms:language": {"@id": "http://id.loc.gov/vocabulary/iso639-1/en"},
        "schema:isAccessibleForFree": True,
        "dcterms:publisher": {
            "@type": ["foaf:Agent", "schema:Organization"],
            **_both("foaf:name", "schema:name", "unlisted"),
        },
        **({"schema:temporalCoverage": f"{first_day}/{record['covers_until']}"} if first_day else {}),
        **({"dcterms:temporal": _period(first_day.isoformat(), record["covers_until"])} if first_day else {}),
        "dcterms:spatial": {"@id": "http://publications.europa.eu/resource/authority/country/PRK"},
        "dcat:distribution": [_api(), *map(_distribution, files)],
        "schema:distribution": [{"@id": _url_of(file)} for file in files],
    }


def _both(dcat: str, schema: str, value: Any) -> dict[str, Any]:
    return {dcat: value, schema: value}


def _day(day: str) -> dict[str, str]:
    return {"@value": day, "@type": "xsd:date"}


def _period(first: str, last: str) -> dict[str, Any]:
    return {"@type": "dcterms:PeriodOfTime", "dcat:startDate": _day(first), "dcat:endDate": _day(last)}


def _api() -> dict[str, Any]:
    return {
        "@id": f"{BASE}/",
        "@type": "dcat:Distribution",
        "dcterms:title": "API",
        "dcat:accessURL": {"@id": f"{BASE}/"},
        "dcat:accessService": {
            "@type": "dcat:DataService",
            "dcterms:title": "unlisted",
            "dcat:endpointURL": {"@id": f"{BASE}/"},
            "dcat:endpointDescription": {"@id": f"{BASE}/openapi.json"},
        },
    }


def _url_of(file: Download) -> str:
    return f"{BASE}/downloads/{file.name}"


def _distribution(file: Download) -> dict[str, Any]:
    return {
        "@id": _url_of(file),
        "@type": ["dcat:Distribution", "schema:DataDownload"],
        **_both("dcterms:title", "schema:name", file.title),
        **_both("dcat:downloadURL", "schema:contentUrl", {"@id": _url_of(file)}),
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{file.media_type}"},
        "schema:encodingFormat": file.media_type,
        "dcat:byteSize": {"@value": str(file.bytes), "@type": "xsd:nonNegativeInteger"},
        "schema:contentSize": f"{file.bytes} B",
        "schema:sha256": file.sha256,
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": file.sha256,
        },
    }
