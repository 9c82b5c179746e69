"""A document as every engine stores it: its row and its token streams, made once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from search import analysis
from search.documents import FACETS, Document
from search.meaning.encoder import Meaning


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """`title` and `body` are normalised and are what ranking reads; streams are lists of tokens without blanks."""

    kind: str
    id: int
    title: str
    body: str
    date: date
    digest: str
    facets: dict[str, str]
    title_grams: list[str]
    body_grams: list[str]
    marks: list[str]
    words: list[str]
    codes: list[str]
    audience: list[str]
    meaning: Meaning | None = None


def entry_of(document: Document) -> IndexEntry:
    body = "\n".join([document.body, *document.codes])
    texts = (*document.codes, document.title, document.body)
    codes = [token for text in texts for token in analysis.codes(text)]
    codes += [token for name in document.names for token in analysis.name_codes(name)]
    title_words = analysis.words(document.title)
    codes += [analysis.spelling_code(word) for word in title_words if not word.isascii()]
    codes += [token for phone in document.phones for token in analysis.phone_codes(phone)]
    return IndexEntry(
        kind=document.kind,
        id=document.id,
        title=analysis.normalise(document.title),
        body=analysis.normalise(document.body),
        date=document.date,
        digest=document.digest,
        facets={name: document.facets.get(name, "") for name in FACETS if name != "kind"},
        title_grams=analysis.grams(document.title),
        body_grams=analysis.grams(body),
        marks=list(dict.fromkeys([*analysis.marks(document.title), *analysis.marks(body)])),
        words=list(dict.fromkeys([*title_words, *analysis.words(document.body)])),
        codes=list(dict.fromkeys(codes)),
        audience=sorted(document.audience),
        meaning=document.meaning,
    )
