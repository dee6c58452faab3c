"""Signatures of bundles, made and checked by OpenSSH (``ssh-keygen -Y``), which every system brings and auditors know.

Signed is the list of checksums, so that one signature vouches for every file. Nothing here handles a key.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say

SIGNATURE = "SHA256SUMS.sig"
NAMESPACE = "plananalysis-bundle"  # a signature for another purpose is none for this one
_SIGNER = "signer"
_KEY = re.compile(r"(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+")


def sign(sums: bytes, key: Path) -> bytes:
    """The signature of a list of checksums with a private key, or with a public one whose private half an agent holds.

    Raises
    ------
    UsageError
        There is no such key, it cannot sign, or OpenSSH is missing.
    """
    if not key.is_file():
        raise UsageError(say("bundles.sign.no_key", file=key))
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "sums"
        path.write_bytes(sums)
        # asks for a passphrase on the terminal, as people know it from ssh
        done = _ssh("-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(path))
        signature = path.with_name("sums.sig")
        if done.returncode != 0 or not signature.is_file():
            raise UsageError(say("bundles.sign.failed", file=key, problem=_last(done)))
        return signature.read_bytes()


def signer(sums: bytes, signature: bytes) -> str | None:
    """Fingerprint of the key that made a signature (``SHA256:…``), whosever it is; None when it is not of these checksums."""
    with TemporaryDirectory() as scratch:
        path = _beside(scratch, signature)
        done = _ssh("-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(path), given=sums)
    found = re.search(rb"SHA256:[A-Za-z0-9+/]+", done.stdout)
    return found[0].decode() if done.returncode == 0 and found else None


def signed_by(sums: bytes, signature: bytes, keys: Path) -> bool:
    """Whether one of the public keys in a file made the signature; a line of it is as in ``id_ed25519.pub`` or ``allowed_signers``.

    Raises
    ------
    UsageError
        The file holds no public key, or OpenSSH is missing.
    """
    text = keys.read_text(encoding="utf-8", errors="replace") if keys.is_file() else ""
    known = [found[0] for line in text.splitlines() if not line.startswith("#") and (found := _KEY.search(line))]
    if not known:
        raise UsageError(say("bundles.sign.no_public_key", file=keys))
    with TemporaryDirectory() as scratch:
        path, allowed = _beside(scratch, signature), Path(scratch) / "allowed"
        allowed.write_text("".join(f"{_SIGNER} {key}\n" for key in known), encoding="utf-8")
        done = _ssh(*("-Y", "verify", "-f", str(allowed), "-I", _SIGNER, "-n", NAMESPACE, "-s", str(path)), given=sums)
    return done.returncode == 0


def _beside(scratch: str, signature: bytes) -> Path:
    path = Path(scratch) / "sums.sig"
    path.write_bytes(signature)
    return path


def _ssh(*arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise UsageError(say("bundles.sign.no_ssh"))
    return subprocess.run([program, *arguments], input=given, capture_output=True, check=False)


def _last(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"ssh-keygen {done.returncode}"
