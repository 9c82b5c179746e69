"""Text to tokens, once and the same for index and query. No Django, no engine."""

from search.analysis.normalise import in_mainland_words, normalise
from search.analysis.people import name_codes, person_query_codes, phone_codes, spelling_code
from search.analysis.streams import Phrase, codes, grams, marks, phrase, words

__all__ = [
    "Phrase",
    "codes",
    "grams",
    "in_mainland_words",
    "marks",
    "name_codes",
    "normalise",
    "person_query_codes",
    "phone_codes",
    "phrase",
    "spelling_code",
    "words",
]
