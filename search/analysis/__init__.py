"""Text to tokens, once and the same for index and query. No Django, no engine."""

from search.analysis.normalise import normalise
from search.analysis.streams import code_tokens, gram_stream, phrase_tokens, word_tokens

__all__ = ["code_tokens", "gram_stream", "normalise", "phrase_tokens", "word_tokens"]
