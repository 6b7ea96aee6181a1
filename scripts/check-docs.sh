#!/usr/bin/env bash
# Checks the Markdown files of the repository, without a network:
#
#   - a relative link leads to a file, and its anchor to a heading of that file
#   - a path of the repository that is written as code (`scripts/start.sh`) exists
#   - every page of docs/ is linked from docs/README.md
#   - every command of scripts/ is in the justfile and in docs/reference/commands.md
#   - a line of prose in docs/ and at the top level holds one sentence
#
# Prints each mistake as FILE:LINE: TEXT. Exit code 1 when there is one.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
have python3 || install Python python3 python3 python3 python python

exec python3 - <<'PYTHON'
import functools
import os
import re
import subprocess
import sys
import urllib.parse


def git(*arguments):
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


# The working tree, so that what is not committed yet is checked, too.
FILES = {path for path in git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
         if path and os.path.exists(path)}
# Markdown within the sources is a part of what the code generates, and is checked where it ends up.
PAGES = sorted(path for path in FILES if path.endswith(".md") and not re.match(r"services/[^/]+/src/", path))
TOP = {path.split("/")[0] for path in FILES if "/" in path}
INDEX = "docs/README.md"

CODE_SPAN = re.compile(r"(`+)(.+?)\1")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^()\s>]*)>?(?:\s+\"[^\"]*\")?\s*\)")
DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:\s+<?(\S+?)>?\s*$")
PATH = re.compile(r"^\.?[A-Za-z0-9_-]+(?:/[A-Za-z0-9._-]+)+/?$")
SENTENCES = re.compile(r"[a-z0-9)\]`%*][.!?][)\"*_]* +[A-Z`*\[]")
ABBREVIATIONS = re.compile(r"\b(e\.g|i\.e|etc|vs|cf)\.")

mistakes = []


def mistake(page, line, text):
    mistakes.append(f"{page}:{line}: {text}")


def lines(page):
    """The lines outside of fenced code: (number, text, whether it is indented code)."""
    fence, blank, indented = None, True, False
    with open(page, encoding="utf-8") as file:
        for number, text in enumerate(file.read().split("\n"), 1):
            mark = re.match(r"^\s*(```+|~~~+)", text)
            if fence:
                if mark and mark[1].startswith(fence):
                    fence = None
                continue
            if mark:
                fence = mark[1]
                continue
            # Indented code begins after an empty line, and not inside of a list.
            indented = text.startswith("    ") and (blank or indented) and not in_list(text, page, number)
            blank = not text.strip()
            yield number, text, indented


@functools.lru_cache(maxsize=None)
def list_lines(page):
    found, inside = set(), False
    with open(page, encoding="utf-8") as file:
        for number, text in enumerate(file.read().split("\n"), 1):
            if re.match(r"^\s*([-*+]|\d+\.)\s", text):
                inside = True
            elif text.strip() and not text.startswith(" "):
                inside = False
            if inside:
                found.add(number)
    return found


def in_list(_text, page, number):
    return number in list_lines(page)


@functools.lru_cache(maxsize=None)
def anchors(page):
    """The anchors that GitHub gives to the headings of a page."""
    seen, found = {}, set()
    for _, text, indented in lines(page):
        heading = not indented and re.match(r"^#{1,6}\s+(.*?)\s*#*$", text)
        if not heading:
            continue
        title = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
        slug = re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        found.add(slug if count == 0 else f"{slug}-{count}")
    return found


def is_there(path):
    return os.path.exists(path) or any(file.startswith(path.rstrip("/") + "/") for file in FILES)


@functools.lru_cache(maxsize=None)
def is_made(path):
    """True for what the scripts make here and git ignores."""
    return subprocess.run(["git", "check-ignore", "--quiet", path], check=False).returncode == 0


def check_link(page, number, target, linked):
    if re.match(r"^[a-z][a-z0-9+.-]*:", target) or target.startswith("//"):
        return
    path, _, anchor = target.partition("#")
    path = urllib.parse.unquote(path)
    file = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
    if file.startswith(".."):
        return mistake(page, number, f"{target} leads out of the repository")
    if not is_there(file):
        return mistake(page, number, f"{target}: there is no {file}")
    linked.add(file)
    if anchor and file.endswith(".md") and anchor not in anchors(file):
        mistake(page, number, f"{target}: {file} has no heading with this anchor")


def check_path(page, number, code):
    for word in code.split():
        word = word.rstrip(",.;:")
        if PATH.match(word) and word.split("/")[0] in TOP and not is_there(word) and not is_made(word):
            mistake(page, number, f"{word}: there is no such file")


def check_sentences(page, number, text):
    if page.count("/") and not page.startswith("docs/"):
        return
    if not text.strip() or re.match(r"^\s*[|#<>]", text):
        return
    text = re.sub(r"^\s*([-*+]|\d+\.)\s+", "", text)
    text = CODE_SPAN.sub("`x`", ABBREVIATIONS.sub("x", text))
    # A term in bold may lead into a sentence.
    text = re.sub(r"^\*\*[^*]*\*\*", "", text)
    if SENTENCES.search(text):
        mistake(page, number, "more than one sentence in a line")


for page in PAGES:
    linked = set()
    for number, text, indented in lines(page):
        if indented:
            check_path(page, number, text)
            continue
        for span in CODE_SPAN.finditer(text):
            check_path(page, number, span[2])
        plain = CODE_SPAN.sub(lambda span: "x" * len(span[0]), text)
        for link in LINK.finditer(plain):
            check_link(page, number, link[1], linked)
        definition = DEFINITION.match(plain)
        if definition:
            check_link(page, number, definition[1], linked)
        check_sentences(page, number, text)
    if page == INDEX:
        for other in PAGES:
            if other.startswith("docs/") and other != INDEX and other not in linked:
                mistake(INDEX, 1, f"does not link {other}")

for place in ("justfile", "docs/reference/commands.md"):
    with open(place, encoding="utf-8") as file:
        listed = file.read()
    for script in sorted(FILES):
        if re.match(r"^scripts/[^/]+\.sh$", script) and os.access(script, os.X_OK) and script not in listed:
            mistake(place, 1, f"does not name {script}")

for text in mistakes:
    print(text)
print(f"{len(PAGES)} pages, {len(mistakes)} mistakes", file=sys.stderr)
sys.exit(1 if mistakes else 0)
PYTHON
