"""The digest and the signature of a bundle's manifest, which has the digest of everything else.

The signature is Ed25519 (RFC 8032) over the bytes of ``manifest.json``, by a key that stays on this machine.
"""

import hashlib
import json
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from iamaudit.atomic import write_whole
from iamaudit.errors import ParameterError, ReportError

MANIFEST, DIGEST, SIGNATURE = "manifest.json", "manifest.sha256", "manifest.sig"
_MAKE = "openssl genpkey -algorithm ed25519 -out key.pem"


def write_digest(bundle: Path) -> None:
    """Write the digest of the manifest, in the form that ``sha256sum --check`` reads."""
    (bundle / DIGEST).write_text(f"{_digest(bundle)}  {MANIFEST}\n", encoding="utf-8")


def digest_problem(bundle: Path) -> str | None:
    """Return what is wrong with the digest of the manifest."""
    try:
        written = (bundle / DIGEST).read_bytes()
    except OSError:
        return f"{DIGEST} is missing"
    if written != f"{_digest(bundle)}  {MANIFEST}\n".encode():
        return f"{MANIFEST} or {DIGEST} changed after the report was written: they do not fit each other"
    return None


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read an Ed25519 private key in PEM, without a passphrase.

    Raises
    ------
    ParameterError
        It cannot be read, or is another kind of key.
    """
    try:
        key = serialization.load_pem_private_key(_bytes(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ParameterError(
            f"`{path}` is not a private key without passphrase: make one with `{_MAKE}`"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ParameterError(f"`{path}` is not an Ed25519 key: make one with `{_MAKE}`")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read an Ed25519 public key in PEM.

    Raises
    ------
    ParameterError
        It cannot be read, or is another kind of key.
    """
    cure = "make it with `openssl pkey -in key.pem -pubout`"
    try:
        key = serialization.load_pem_public_key(_bytes(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ParameterError(f"`{path}` is not a public key: {cure}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ParameterError(f"`{path}` is not an Ed25519 key: {cure}")
    return key


def sign_bundle(bundle: Path, key: Ed25519PrivateKey) -> Path:
    """Sign the manifest of a bundle, and return the file of the signature; an older one is replaced.

    Raises
    ------
    ParameterError
        The folder is not a bundle, or not as it was written.
    ReportError
        The signature cannot be written.
    """
    problem = digest_problem(bundle)
    if problem:
        raise ParameterError(
            f"`{bundle}` is no report that can be signed ({problem}): give a report's folder"
        )
    signed = key.sign(_bytes(bundle / MANIFEST))
    public = key.public_key()
    text = {"algorithm": "Ed25519", "public_key": _raw(public).hex(), "signature": signed.hex()}
    try:
        write_whole(bundle / SIGNATURE, json.dumps(text, indent=2) + "\n")
    except OSError as error:
        raise ReportError(f"cannot write `{bundle / SIGNATURE}` ({error.strerror})") from error
    return bundle / SIGNATURE


def signature_problem(bundle: Path, expected: Ed25519PublicKey | None) -> str | None:
    """Return what is wrong with the signature; a bundle without one is fine unless a key is expected."""
    path = bundle / SIGNATURE
    if not path.exists():
        return None if expected is None else f"the report is not signed: {SIGNATURE} is missing"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        kind, named, signed = (str(said[name]) for name in ("algorithm", "public_key", "signature"))
        is_canonical = path.read_text(encoding="utf-8") == json.dumps(said, indent=2) + "\n"
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(named))
        key.verify(bytes.fromhex(signed), _bytes(bundle / MANIFEST))
    except (OSError, ValueError, KeyError, TypeError, InvalidSignature):
        return f"the signature in {SIGNATURE} is not one of this {MANIFEST}"
    if kind != "Ed25519" or not is_canonical:
        return f"{SIGNATURE} changed after the report was signed"
    if expected is not None and _raw(expected) != _raw(key):
        return f"the report is signed with another key ({named[:16]}...)"
    return None


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _digest(bundle: Path) -> str:
    return hashlib.sha256(_bytes(bundle / MANIFEST)).hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ParameterError(
            f"cannot read `{path}` ({error.strerror}): give a file that you may read"
        ) from error
