"""A mail as an office saves it (.eml): the files attached to it, also to mails it forwards, and the day it was sent."""

from __future__ import annotations

import re
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import NamedTuple

_RAW_NAME = re.compile(r'name="([^"]+)"')
MAX_PARTS = 300  # of one mail, with those of the mails it forwards


class Attached(NamedTuple):
    """A file in a mail: its name as text or bytes of an unknown encoding, and its content."""

    name: bytes
    data: bytes


class Mail(NamedTuple):
    """What is taken from a mail. ``sent_on`` is the ISO date in its sender's time; "" where it says none."""

    files: list[Attached]
    sent_on: str


def read_mail(data: bytes) -> Mail:
    """The files attached to a mail, in their order; what is shown within the text (a logo in a signature) is none.

    Raises
    ------
    ValueError
        It is no mail, or one that is nested too deep or in too many parts.
    """
    try:
        mail = message_from_bytes(data, policy=policy.default)
        parts = []
        for part in mail.walk():
            parts.append(part)
            if len(parts) > MAX_PARTS:
                raise ValueError(MAX_PARTS)
        if not mail.keys():
            raise ValueError("no header")
        files = [Attached(_name(part), _content(part)) for part in parts if _attached(part)]
    except (
        RecursionError,
        LookupError,
        AttributeError,
        TypeError,
        IndexError,
    ) as error:  # headers that are wrong in any way there is
        raise ValueError(str(error)) from error
    day = ""
    with suppress(ValueError, TypeError, IndexError):
        day = parsedate_to_datetime(str(mail["date"])).date().isoformat()
    return Mail(files, day)


def _attached(part: EmailMessage) -> bool:
    if part.is_multipart() or not part.get_filename():
        return False
    within = part.get_content_disposition() == "inline" or part.get("content-id") is not None
    return not (within and part.get_content_maintype() == "image")


def _name(part: EmailMessage) -> bytes:
    """Its name; bytes that were put into the header as they are, against the standard, come back as they were."""
    name = str(part.get_filename())
    if "\ufffd" in name:
        raw = " ".join(str(value) for key, value in part.raw_items() if key.lower().startswith("content-"))
        found = _RAW_NAME.search(raw)
        name = found[1] if found else name
    return name.encode("utf-8", "surrogateescape")


def _content(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
