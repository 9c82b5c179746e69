"""BagIt (RFC 8493) bags in memory: what leaves or comes in is never laid on a disk in the clear."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD, MANIFEST, TAG_MANIFEST, INFO = "data/", "manifest-sha256.txt", "tagmanifest-sha256.txt", "bag-info.txt"
MOST_BYTES = 300_000_000
MOST_PARTS = 5_000
FEWEST_PARTS = 2


class BagError(ValueError):
    """The file is no bag, or is not whole; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Bag:
    """`payload` are files by their path under `data/`, `info` the lines of bag-info.txt."""

    payload: Mapping[str, bytes]
    info: Mapping[str, str]


def written_bag(name: str, bag: Bag) -> bytes:
    """The bag as a ZIP with one folder of that name."""
    tags = {
        "bagit.txt": DECLARATION.encode(),
        INFO: "".join(f"{key}: {_one_line(value)}\n" for key, value in _with_oxum(bag).items()).encode(),
        MANIFEST: _manifest({f"{PAYLOAD}{path}": content for path, content in bag.payload.items()}),
    }
    tags[TAG_MANIFEST] = _manifest(tags)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as folder:
        for path, content in tags.items():
            folder.writestr(f"{name}/{path}", content)
        for path, content in bag.payload.items():
            folder.writestr(f"{name}/{PAYLOAD}{path}", content)
    return out.getvalue()


def _with_oxum(bag: Bag) -> dict[str, str]:
    size = sum(map(len, bag.payload.values()))
    return {**bag.info, "Payload-Oxum": f"{size}.{len(bag.payload)}"}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _manifest(files: Mapping[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(content).hexdigest()}  {_escaped(path)}\n" for path, content in sorted(files.items())]
    return "".join(lines).encode()


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def read_bag(content: bytes) -> Bag:
    """Read a ZIP with one bag, whole and unchanged. Raises BagError."""
    files = _unpacked(content)
    if not files.get("bagit.txt", b"").startswith(b"BagIt-Version:"):
        raise BagError(_("这不是一个 BagIt 包：缺少 bagit.txt。"))
    payload = {path: data for path, data in files.items() if path.startswith(PAYLOAD)}
    listed = _listed(files.get(MANIFEST, b""))
    if missing := sorted(listed.keys() ^ payload.keys()) or ([] if payload else [PAYLOAD]):
        raise BagError(_("包不完整：清单和文件对不上（%(path)s）。") % {"path": missing[0]})
    for path, digest in {**listed, **_listed(files.get(TAG_MANIFEST, b""))}.items():
        if hashlib.sha256(files.get(path, b"")).hexdigest() != digest:
            raise BagError(_("包里的 %(path)s 被改动过，校验不符。") % {"path": path})
    info = [line.partition(": ") for line in files.get(INFO, b"").decode("utf-8", "replace").splitlines()]
    return Bag({path.removeprefix(PAYLOAD): data for path, data in payload.items()}, {k: v for k, _bar, v in info})


def _unpacked(content: bytes) -> dict[str, bytes]:
    """The bag's files by their path within its folder."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as folder:
            parts = [part for part in folder.infolist() if not part.is_dir()]
            if len(parts) > MOST_PARTS or len({part.filename for part in parts}) < len(parts):
                raise BagError(_("包里的文件太多，或有重名的文件。"))
            if sum(part.file_size for part in parts) > MOST_BYTES:
                raise BagError(_("包解开后太大（上限 %(n)d MB）。") % {"n": MOST_BYTES // 1_000_000})
            return {part.filename.partition("/")[2]: folder.read(part) for part in parts}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise BagError(_("打不开这个 ZIP。")) from error


def _listed(manifest: bytes) -> dict[str, str]:
    lines = [line.split(None, 1) for line in manifest.decode("utf-8", "replace").splitlines()]
    pairs = {parts[1].strip(): parts[0] for parts in lines if len(parts) == FEWEST_PARTS}
    return {path.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%"): d for path, d in pairs.items()}
