"""Invented names for real ones: the same for the same name, wherever and whenever it stands.

A name is taken apart into words, and each word is replaced, so that a pattern with wildcards matches the
invented names just as it matched the real ones. A wildcard inside of a word cuts that word everywhere.
"""

import hashlib
import hmac
import ipaddress
import json
import re
import secrets
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from iamaudit.atomic import write_whole
from iamaudit.errors import ParameterError, SnapshotError
from iamaudit.iam.actions import load_catalogue

_PIECES = re.compile(r"\$\{[^}]*\}|[^\W_]+|[\W_]")
_UNIQUE_ID = re.compile(r"\b(A[A-Z]{3})([A-Z0-9]{16,17})\b")
_MASKED = re.compile(r"(A[A-Z]{3})…[A-Z0-9]{4}")
_ORGANIZATION = re.compile(r"\b(o|ou|r)-[a-z0-9][a-z0-9-]*")
_OF_CENTER = re.compile(r"(AWSReservedSSO_)(.+)(_)([0-9a-f]{16})")
_CENTER = re.compile(r"(AWSSSO_)([0-9a-f]{16})(_DO_NOT_DELETE)")
_OF_AWS = re.compile(
    r"true|false|null|[a-z]{2}(-[a-z]+)+-\d|[\d.:TZ+-]*|aws:kms|AES256"
    r"|(?!.*\bs3\b)([a-z0-9-]+\.){1,2}amazonaws\.com(\.cn)?|oidc\.eks\.[\w-]+\.amazonaws\.com(\.cn)?"
    r"|https://([\w-]+\.)*aws\.amazon\.com(\.cn)?(/saml)?|([\w-]+\.)*(githubusercontent|google|gitlab)\.com",
    re.IGNORECASE | re.ASCII,
)
"""Values that AWS or all the world knows: switches, regions, times, service names, public hosts."""
_DUTIES = re.compile(
    r"(audit|read[-_. ]?only|view[-_. ]?only|viewer|scanner|monitor|break[-_ ]?glass)", re.IGNORECASE
)
"""Words that say what somebody is there for: checks go by them, and they are nobody's name."""
_OF_TOKENS = {
    *("repo", "ref", "refs", "heads", "tags", "environment", "system", "serviceaccount", "organization"),
    *("project", "workspace", "run_phase", "pull_request"),
}
"""Words that give the subject of a web identity its form."""
_OF_IAM = {":", "/", "aws-reserved", "sso.amazonaws.com", "root-account-mfa-device"}
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"


class Pseudonyms:
    """Invented names under one secret; ``names`` are those that were given so far, real to invented."""

    def __init__(self, secret: str, names: dict[str, str] | None = None, cuts: Iterable[str] = ()) -> None:
        self.secret, self.names, self.cuts = secret, dict(names or {}), set(cuts)
        self._taken = {name.lower() for name in self.names.values()}

    @classmethod
    def read(cls, path: Path) -> "Pseudonyms":
        """Read a key file; one that is not there yet is made by ``write``.

        Raises
        ------
        ParameterError
            It is another kind of file.
        """
        if not path.exists():
            return cls(secrets.token_hex(32))
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls(str(data["secret"]), dict(data["names"]), list(data["cuts"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ParameterError(f"`{path}` is not a key file of pseudonyms: give another name") from error

    def write(self, path: Path) -> None:
        """Write the key file, readable by its owner alone: whoever has it can read the real names.

        Raises
        ------
        SnapshotError
            It cannot be written.
        """
        data = {"secret": self.secret, "names": self.names, "cuts": sorted(self.cuts)}
        try:
            text = json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
            write_whole(path, text, mode=0o600)
        except OSError as error:
            raise SnapshotError(
                f"cannot write the key file `{path}` ({error.strerror}): choose a folder with room"
            ) from error

    def learn(self, pattern: str) -> None:
        """Note where wildcards of a pattern cut words, before any name is invented."""
        for piece in re.findall(r"([^\W_]+)(?=[*?])", pattern):
            self.cuts.add(f"{piece}*")
        for piece in re.findall(r"(?<=[*?])([^\W_]+)", pattern):
            self.cuts.add(f"*{piece}")

    def account(self, account_id: str) -> str:
        """Return the invented id of an account."""
        return self._given(account_id, lambda turn: str(self._number(account_id, turn) % 10**12).zfill(12))

    def name(self, text: str) -> str:
        """Return an invented name; wildcards, variables and whatever is neither a letter nor a digit stay."""
        if masked := _MASKED.fullmatch(text):
            return f"{masked[1]}…{self._unique(text)[:4]}"
        for form in (_OF_CENTER, _CENTER):
            match = form.fullmatch(text)
            if match:
                return "".join(self._of_center(part) for part in match.groups())
        ids = _UNIQUE_ID.sub(lambda match: match[1] + self._unique(match[0]), text)
        return "".join(
            part if number % 2 else "".join(map(self._piece, _PIECES.findall(part)))
            for number, part in enumerate(_DUTIES.split(ids))
        )

    def digits(self, text: str) -> str:
        """Return as many invented hexadecimal digits, for a revision that tells of which repository it is."""
        return f"{self._number(text, 0):064x}"[: len(text)]

    def arn(self, text: str) -> str:
        """Return an ARN, or a pattern of one, in which service, region and type stay."""
        if not text.startswith("arn:") or text.count(":") < 5:
            return self.name(text)
        head, partition, service, region, account, rest = text.split(":", 5)
        if account == "aws":
            return text
        owner = self.account(account) if re.fullmatch(r"\d{12}", account) else account
        return ":".join((head, partition, service, region, owner, self._rest(service, rest)))

    def value(self, text: str) -> str:
        """Return the value of a condition: what AWS itself calls so stays."""
        if _is_address(text):
            return self._address(text)
        if text in ("", "*") or (_OF_AWS.fullmatch(text) and not re.fullmatch(r"\d{12}", text)):
            return text
        if text.startswith("arn:"):
            return self.arn(text)
        if _ORGANIZATION.match(text):
            return "/".join(self._organization(part) for part in text.split("/"))
        return "".join(
            piece if piece.lower() in _OF_TOKENS else self.name(piece) for piece in re.split(r"([:/])", text)
        )

    def tag_key(self, text: str) -> str:
        """Return the key of a tag; ``owner`` and ``Name`` say nothing about anybody."""
        return text if text.lower() in ("owner", "name") or text.startswith("aws:") else self.name(text)

    def _rest(self, service: str, rest: str) -> str:
        if rest in ("root", "*") or "/aws-service-role/" in rest:
            return rest
        if "oidc-provider/" in rest:
            kind, _, host = rest.partition("/")
            return f"{kind}/{self.provider(host)}"
        parts = re.split(r"([:/])", rest)
        is_typed = len(parts) > 1 and parts[0].lower() in {*_types().get(service, ()), "assumed-role", "u2f"}
        kept = parts[:1] if is_typed else []
        return "".join(kept) + "".join(map(self._segment, parts[len(kept) :]))

    def provider(self, host: str) -> str:
        """Return an OpenID Connect provider without its scheme; public ones stay, ids behind them do not."""
        site, slash, path = host.partition("/")
        known = site if _OF_AWS.fullmatch(site) or site == "app.terraform.io" else self.name(site)
        return known + slash + "".join(p if p == "id" else self._segment(p) for p in re.split("(/)", path))

    def _segment(self, text: str) -> str:
        return text if text in _OF_IAM else self.name(text)

    def _piece(self, piece: str) -> str:
        if not piece[0].isalnum() or _UNIQUE_ID.fullmatch(piece):  # its pseudonym has the same form
            return piece
        if re.fullmatch(r"\d{12}", piece):
            return self.account(piece)
        edges = {len(cut) - 1 for cut in self.cuts if cut[-1] == "*" and piece.startswith(cut[:-1])}
        edges |= {len(piece) - len(cut) + 1 for cut in self.cuts if cut[0] == "*" and piece.endswith(cut[1:])}
        places = sorted({0, len(piece), *edges})
        return "".join(self._word(piece[a:b]) for a, b in pairwise(places))

    def _word(self, word: str) -> str:
        if re.fullmatch(r"\d{1,2}|(19|20)\d\d", word):  # a number or a year says nothing
            return word
        return self._given(word, lambda turn: self._spoken(word, turn))

    def _spoken(self, word: str, turn: int) -> str:
        number, spoken = self._number(word, turn), ""
        for _ in range(4):
            number, consonant = divmod(number, len(_CONSONANTS))
            number, vowel = divmod(number, len(_VOWELS))
            spoken += _CONSONANTS[consonant] + _VOWELS[vowel]
        return spoken.capitalize() if word[0].isupper() else spoken

    def _unique(self, unique_id: str) -> str:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
        digest = hmac.new(self.secret.encode(), unique_id.encode(), hashlib.sha256).digest()
        return "".join(letters[byte % 32] for byte in digest)[: len(unique_id) - 4]

    def _of_center(self, part: str) -> str:
        if re.fullmatch("[0-9a-f]{16}", part):
            return f"{self._number(part, 0):x}"[:16].zfill(16)
        return part if part in ("AWSReservedSSO_", "_", "AWSSSO_", "_DO_NOT_DELETE") else self.name(part)

    def _organization(self, part: str) -> str:
        match = _ORGANIZATION.fullmatch(part)
        if match:
            return f"{match[1]}-{self._number(part, 0):x}"[:14]
        return self.name(part)

    def _address(self, text: str) -> str:
        network = ipaddress.ip_network(text, strict=False)
        if network.prefixlen == 0:
            return text
        size = network.max_prefixlen
        number = self._number(str(network), 0) % (1 << size) >> (size - network.prefixlen)
        address = ipaddress.ip_address((number << (size - network.prefixlen)).to_bytes(size // 8, "big"))
        return f"{address}/{network.prefixlen}" if "/" in text else str(address)

    def _given(self, real: str, invent: Callable[[int], str]) -> str:
        if real not in self.names:
            turn = 0
            while (invented := invent(turn)).lower() in self._taken or invented.lower() == real.lower():
                turn += 1
            self.names[real] = invented
            self._taken.add(invented.lower())
        return self.names[real]

    def _number(self, word: str, turn: int) -> int:
        digest = hmac.new(self.secret.encode(), f"{turn} {word}".encode(), hashlib.sha256).digest()
        return int.from_bytes(digest, "big")


def _is_address(text: str) -> bool:
    if not re.search(r"[.:]", text):
        return False
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1)
def _types() -> dict[str, set[str]]:
    """Return the words that say of what type a resource is, by the service in its ARN."""
    found: dict[str, set[str]] = {}
    for arn in load_catalogue().resource_types:
        parts = arn.split(":", 5)
        word = re.split("[:/]", parts[-1])[0]
        if len(parts) == 6 and "$" not in word:
            found.setdefault(parts[2], set()).add(word.lower())
    return found
