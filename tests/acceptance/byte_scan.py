"""Looks for secrets in every byte: plain, in other encodings, as unkeyed hashes, and inside what is packed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pypdfium2

MOST = 400 << 20
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b")


def needles(secrets: list[str], only_hashed: list[str] = []) -> dict[bytes, str]:  # noqa: B006  never written to
    """Every form in which a secret might lie somewhere. What is too short to look for is looked for as a hash."""
    forms: dict[bytes, str] = {}
    for secret in secrets:
        plain = secret.encode()
        forms[plain] = f"{secret} utf-8"
        for coding in ("utf-16-le", "utf-16-be", "gb18030"):
            forms[secret.encode(coding)] = f"{secret} {coding}"
        escaped = json.dumps(secret)[1:-1]
        forms[escaped.encode()] = f"{secret} json"
        forms[re.sub(r"\\u[0-9a-f]{4}", lambda m: m[0].upper().replace("\\U", "\\u"), escaped).encode()] = (
            f"{secret} json"
        )
        forms["".join(f"%{byte:02X}" for byte in plain).encode()] = f"{secret} address"
        forms[plain.hex().encode()] = f"{secret} hex"
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + plain)
            whole = coded[4 if shift else 0 : len(coded) // 4 * 4 - 4]
            forms[whole] = forms[whole.replace(b"+", b"-").replace(b"/", b"_")] = f"{secret} base64"
    for secret in [*secrets, *only_hashed]:
        for name in HASHES:
            digest = hashlib.new(name, secret.encode()).digest()
            forms[digest] = forms[digest.hex().encode()] = forms[base64.b64encode(digest)] = f"{secret} {name}"
    return {form: told for form, told in forms.items() if len(form) >= 8}


def hits(content: bytes, forms: dict[bytes, str], where: str, depth: int = 0) -> Iterator[str]:
    """Every form found in the bytes or in what is packed in them."""
    for form, told in forms.items():
        if form in content:
            yield f"{where}: {told}"
    if depth < 4:
        for name, inner in unpacked(content):
            yield from hits(inner, forms, f"{where} › {name}", depth + 1)


def unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    if content[:2] == b"\x1f\x8b":
        try:
            yield "gzip", gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            yield "gzip", b""
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield "name", name.encode()
                yield name, packed.read(name)
    if content[:5] == b"%PDF-":
        yield "text", pdf_text(content).encode()
        for place, found in enumerate(STREAM.finditer(content)):
            try:
                yield f"stream {place}", zlib.decompressobj().decompress(found[1])
            except zlib.error:
                continue


def pdf_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def scan_folder(folder: Path, forms: dict[bytes, str]) -> tuple[int, list[str]]:
    """How many bytes were looked at, and everything found; names of files count too."""
    looked, found = 0, []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST:
            continue
        content = path.read_bytes()
        looked += len(content)
        found += list(hits(content, forms, str(path.relative_to(folder))))
        found += list(hits(str(path).encode(), forms, f"name of {path.name}", 4))
    return looked, found
