"""Files that are no honest bag are refused in words."""

from __future__ import annotations

import io
import random
import warnings
import zipfile

import pytest

from exchange.bags import Bag, BagError, read_bag, written_bag


def bag() -> bytes:
    return written_bag(
        "x", Bag({"dossier.json": b"{}", "documents/a.pdf": b"%PDF" * 999}, {"Bagging-Date": "2026-11-01"})
    )


def test_c14_a_name_that_stands_twice_is_refused() -> None:
    out = io.BytesIO(bag())
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as folder:
        warnings.simplefilter("ignore")
        folder.writestr("x/data/dossier.json", b"[]")
    with pytest.raises(BagError, match="重名"):
        read_bag(out.getvalue())


def test_c14_spoiled_anywhere_a_bag_is_read_whole_or_refused() -> None:
    content, draw = bag(), random.Random(14)
    whole = read_bag(content)
    for _try in range(400):
        spoiled = bytearray(content)
        for _byte in range(draw.randint(1, 4)):
            spoiled[draw.randrange(len(spoiled))] = draw.randrange(256)
        try:
            read = read_bag(bytes(spoiled[: draw.choice([len(spoiled), draw.randrange(len(spoiled))])]))
        except BagError:
            continue
        assert dict(read.payload) == dict(whole.payload)
