"""Email addresses, their hashes, and the recipes that hash them. The tables are the kernel's own, read from its source."""

import base64
import binascii
import hashlib
import re
import unicodedata
from functools import cache
from pathlib import Path

from reference import unicode

HEADER = Path(__file__).resolve().parents[2] / "csrc" / "enishi" / "email.hpp"
LOCAL = re.compile(r"[a-z0-9!#$%&'*+\-/=?^_`{|}~.\x80-\U0010ffff]+")
DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
Answer = tuple[str | None, str]


@cache
def table(name: str) -> dict[str, str]:
    """The words of one of the header's tables, each with the source text of its value."""
    source = HEADER.read_text()
    body = source[source.index(f" {name}(") :]
    body = re.sub(r"//.*", "", body[: body.index(";\n")])
    entries = re.findall(r"\.add\(\s*(\{.*?\}|\".*?\"|\w+),\s*\{(.*?)\}\)", body, re.DOTALL)
    return {word: value for value, words in entries for word in re.findall(r'"([^"]+)"', words)}


def corrected_domain(domain: str) -> str | None:
    found = table("corrected_domain").get(domain)
    return found and found.strip('"')


def shared_address(local: str, domain: str) -> bool:
    if "nowhere" in table("providers").get(domain, ""):
        return True
    if domain.endswith(".invalid") and domain != ".invalid":
        return True
    squeezed = re.sub(r"[._-]", "", local.split("+")[0])
    roles = table("roles")
    return len(squeezed.encode()) <= 24 and (squeezed in roles or roles.get(squeezed.rstrip("0123456789")) == "true")


def unwrapped(text: str) -> str:
    """The address in a value that is more than an address."""
    before = None
    while text != before and text:
        before = text
        text = text.strip(unicode.WHITE).rstrip(".,;")
        if text.endswith(">") and "<" in text:
            text = text[text.rindex("<") + 1 : -1]
        if text[:7].lower() == "mailto:" and len(text) > 7 and text[:7].isascii():
            text = text[7:].split("?")[0]
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1]
        if text.startswith("'"):
            text = text[1:].removesuffix("'")
    if text.startswith('"') and '"@' in text[1:]:
        closing = text.index('"@', 1)
        text = text[1:closing] + text[closing + 1 :]
    return text


def _read(text: str, form: str) -> Answer:
    if not text.isascii():
        if any(c in unicode.WHITE for c in text) or "@" not in text:
            return None, "malformed"
        text = unicodedata.normalize("NFKC", unicode.lower(text))
        local, domain = text.split("@", 1)
        labels = []
        for label in re.split("[.。]", domain):
            if not label.isascii():
                if re.search(r"[\x00-\x7f]", re.sub("[a-z0-9-]", "", label)):
                    return None, "malformed"
                if len(label) > 63:
                    return None, "too_long"
                label = "xn--" + label.encode("punycode").decode()
            labels.append(label)
        text = f"{local}@{'.'.join(labels)}"
    local, at, domain = (part.lower() if part.isascii() else part for part in text.partition("@"))
    if not at or not LOCAL.fullmatch(local) or local.startswith("'") or not DOMAIN.fullmatch(domain):
        return None, "malformed"
    provider = table("providers").get(domain, "")
    if local[0] == "." or local[-1] == "." or ".." in local:
        loose = "any_dots" in provider or domain.endswith(".ezweb.ne.jp")
        if not loose or not local.strip("."):
            return None, "malformed"
    if "ignores_tag" in provider and local[0] == "+":
        return None, "malformed"
    labels = domain.split(".")
    if max(map(len, labels)) > 63 or len(local.encode()) > 64 or len(f"{local}@{domain}".encode()) > 254:
        return None, "too_long"
    if labels[-1].isdigit() or len(labels[-1]) < 2:
        return None, "impossible"
    status = "generic" if shared_address(local, domain) else "accepted"
    if form == "canonical":
        if "ignores_tag" in provider:
            local = local.split("+")[0]
        if "ignores_dots" in provider:
            local = local.replace(".", "")
        representative = re.search(r'"([^"]+)"', provider)
        domain = representative[1] if representative else domain
    return f"{local}@{domain}", status


def email(raw: bytes | None, form: str = "canonical") -> Answer:
    if raw is None:
        return None, "missing"
    if len(raw) > 4096:
        return None, "too_long"
    text, status = unicode.tidy(raw)
    if text is None:
        return None, status
    answer = _read(text, form)
    if answer[1] == "malformed":
        bare = unwrapped(text)
        if bare and bare != text:
            answer = _read(bare, form)
        if answer[1] == "malformed":
            return None, "missing" if unicode.means_nothing(text) else "malformed"
    if form == "raw" and answer[0] is not None:
        return raw.decode().strip(unicode.WHITE), answer[1]
    return answer


NOTHING = " |null|NULL|Null|none|None|NONE|nan|NaN|NA|N/A|na|n/a|nil|\\N|undefined|unknown|<NA>|<na>|-|0|".split("|")


def hashed_email(raw: bytes | None) -> Answer:
    text, status = unicode.tidy(raw)
    if text is None:
        return None, status
    if re.fullmatch("[0-9a-fA-F]{64}", text):
        digest = bytes.fromhex(text)
    elif re.fullmatch("[A-Za-z0-9+/_-]{43}=?", text):
        standard = text.translate(str.maketrans("-_", "+/")).rstrip("=") + "="
        digest = binascii.a2b_base64(standard)
        if base64.b64encode(digest).decode() != standard:
            return None, "malformed"
    else:
        return None, "missing" if unicode.means_nothing(text) else "malformed"
    if len(set(digest)) == 1 or digest in {hashlib.sha256(value.encode()).digest() for value in NOTHING}:
        return None, "junk"
    return digest.hex(), "accepted"


def recipe_text(raw: bytes | None, recipe: str) -> Answer:
    """What a recipe hashes."""
    if raw is None:
        return None, "missing"
    if len(raw) > 4096:
        return None, "too_long"
    tidied, status = unicode.tidy(raw)
    if tidied is None:
        return None, status
    if unicode.means_nothing(tidied):
        return None, "missing"
    text = raw.decode().strip(unicode.WHITE)
    if recipe == "google":
        text = "".join(c for c in text if c not in unicode.WHITE)
    text = "".join(c.lower() if c.isascii() else c for c in text) if recipe == "uid2" else unicode.lower(text)
    local, _, domain = text.partition("@")
    if not local or not domain or "@" in domain:
        return None, "malformed"
    status = "generic" if shared_address(local, domain) else "accepted"
    if domain in {"uid2": ["gmail.com"], "google": ["gmail.com", "googlemail.com"], "meta": []}[recipe]:
        local = local.split("+")[0].replace(".", "")
    return (f"{local}@{domain}", status) if local else (None, "malformed")


def email_recipe(raw: bytes | None, recipe: str) -> Answer:
    text, status = recipe_text(raw, recipe)
    return text and hashlib.sha256(text.encode()).hexdigest(), status
