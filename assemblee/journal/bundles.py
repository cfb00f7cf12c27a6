"""What every folder of proofs holds: leaves with their paths in the tree, and an archive of fixed bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from assemblee.journal import queries, tree
from assemblee.journal.models import Leaf

# The first moment that a zip file can hold: a bundle made again has the same bytes.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
ZIP_MODE = 0o644 << 16


def log(session: Session, leaves: Sequence[Leaf], size: int) -> dict[str, tree.Canonical]:
    """Return leaves with the proof that each stands in the tree of a size, ready for a verifier."""
    paths = [tree.inclusion_path(leaf.position, size) for leaf in leaves]
    stored = queries.nodes(session, {place for path in paths for places in path for place in places})
    return {
        "leaves": [
            {
                "position": leaf.position,
                "body": leaf.body,
                "proof": [digest.hex() for digest in tree.assemble(path, stored.__getitem__)],
            }
            for leaf, path in zip(leaves, paths, strict=True)
        ]
    }


def archive(files: Mapping[str, bytes]) -> bytes:
    """Put files in a zip archive whose bytes depend on nothing else."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, ZIP_EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, ZIP_MODE
            bundle.writestr(entry, files[name])
    return content.getvalue()
