"""Makes texts that strangers wrote harmless: single lines stay single, and nothing acts on a terminal or a reader's eye.

What leaves here carries no control character, no escape sequence, no direction override and no invisible character,
and has a length. Mark-up of a single receiver (Slack's `<!channel>`) is that notifier's own business.
"""

from __future__ import annotations

import re
import unicodedata

from collector.notifiers.fitting import clip

SEEN_CHARS = 16_000
"""More of a text is only counted: no limit lies above it, and a megabyte is not worth the work."""


# CSI ("\x1b[31m"), OSC ("\x1b]8;;…\x07", links and window titles), and two-character escapes, in 7-bit and C1 form.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-Z\\^-~]"
)
_LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_JOINERS = "\u200c\u200d"  # Persian and emoji need them; they change no direction


def one_line(text: str, limit: int) -> str:
    """Make `text` one harmless line of at most `limit` characters."""
    seen = text[:SEEN_CHARS]
    return clip(" ".join(_visible(seen).split()), limit, unseen=len(text) - len(seen))


def paragraphs(text: str, limit: int) -> str:
    """Make `text` harmless lines of together at most `limit` characters; line ends stay, as LF."""
    seen = text[:SEEN_CHARS]
    lines = (" ".join(line.split()) for line in _visible(seen).split("\n"))
    return clip("\n".join(lines).strip(), limit, unseen=len(text) - len(seen))


def _visible(text: str) -> str:
    """Drop what acts on a terminal or a reader's eye instead of being read; every line end becomes LF."""
    if text.isprintable():
        return unicodedata.normalize("NFC", text)
    plain = _LINE_ENDS.sub("\n", _ESCAPE_SEQUENCE.sub("", text)).replace("\t", " ")
    if not plain.replace("\n", " ").isprintable():
        plain = "".join(one if one.isprintable() else _shown(one) for one in plain)
    return unicodedata.normalize("NFC", plain)


def _shown(character: str) -> str:
    """Give what stands for a character that Python does not take for printable: most of those are harmless all the same."""
    if character == "\n" or character in _JOINERS:
        return character
    match unicodedata.category(character):
        case "Cc" | "Cf":  # controls; direction overrides, zero-width and tag characters
            return ""
        case "Cs":  # half a surrogate pair cannot be encoded
            return "\N{REPLACEMENT CHARACTER}"
        case _:
            return character
