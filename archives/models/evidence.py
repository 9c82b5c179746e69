from __future__ import annotations

from archives.life_vocabulary import Compared, Evidence


def compared_words(evidence: dict[str, str]) -> list[tuple[str, str, str]]:
    """Each kind of evidence, as a row keeps it: its words, the result's code and words."""
    results = [(kind, evidence.get(kind, Compared.ABSENT)) for kind in Evidence]
    return [(str(kind.label), str(result), str(Compared(result).label)) for kind, result in results]
