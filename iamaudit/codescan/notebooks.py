"""What of a notebook's cell an access key id stands in."""

import json
import re

from iamaudit.codescan.sighting import KEY_ID

_JSON_TOKEN = re.compile(r'(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)*+")(?P<colon>\s*:)?|[{}\[\]]')
_PLACES = {"outputs": "notebook output", "source": "notebook source", "input": "notebook source"}


def notebook_places(text: str) -> dict[int, str]:
    """Return the positions of ids in the text and what of a cell they are in; none if this is not JSON."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return {}
    places: dict[int, str] = {}
    names: list[str] = []  # of the objects and lists around a token; a list's items have the name ""
    name = ""
    for token in _JSON_TOKEN.finditer(text):
        if token["text"]:
            name = token["text"][1:-1] if token["colon"] else name
            for match in KEY_ID.finditer(text, *token.span("text")):
                places[match.start()] = _cell_place([each for each in (*names, name) if each])
        elif token[0] in "{[":
            names.append(name)
            name = ""
        else:
            name = names.pop()
    return places


def _cell_place(names: list[str]) -> str:
    match names:
        case ["cells", part, *_] | ["worksheets", "cells", part, *_]:  # the second is nbformat 3
            return _PLACES.get(part, "file")
    return "file"
