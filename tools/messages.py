"""Bring the site's message catalogues up to date: what templates and code say, and what has been translated.

    python tools/messages.py            update the .po files (new messages come in untranslated)
    python tools/messages.py --check    change nothing; exit code 1 when a message lacks a translation
    python tools/messages.py --compile  write the .mo files that the site reads

Messages are written in English in templates (``{% translate %}``, ``{% blocktranslate %}``) and code (``gettext``);
bokmål and nynorsk are in ``src/framsyn/web/locale``. What Django itself says on the site and has no words for in one of
them stands there too. Babel does the work, so that no other program is needed. A file that is written twice is the same to
the last byte.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "src" / "framsyn" / "web"
LANGUAGES = ("nb", "nn")
FUNCTIONS = {
    "gettext": ("id",),
    "gettext_lazy": ("id",),
    "_": ("id",),
    "gettext_noop": ("id",),
    "ngettext": ("id", "plural"),
    "ngettext_lazy": ("id", "plural"),
    "pgettext": ("context", "id"),
    "pgettext_lazy": ("context", "id"),
}
Message = tuple[str | None, str, str | None]  # context, singular, plural

# Texts of Django that readers and editors meet: wrong input, logging in, a password that will not do.
OF_DJANGO: tuple[str | tuple[str, str], ...] = (
    "This field is required.",
    "Enter a whole number.",
    "Enter a number.",
    "Enter a valid value.",
    "Enter a valid date.",
    "Enter a valid email address.",
    "Enter a valid URL.",
    "Enter a list of values.",
    "Enter a complete value.",
    "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
    "Select a valid choice. %(value)s is not one of the available choices.",
    "Select a valid choice. That choice is not one of the available choices.",
    "Ensure this value is less than or equal to %(limit_value)s.",
    "Ensure this value is greater than or equal to %(limit_value)s.",
    "Null characters are not allowed.",
    (
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
    ),
    (
        "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
    ),
    "Password",
    "username",
    "Old password",
    "New password",
    "New password confirmation",
    "Please enter a correct %(username)s and password. Note that both fields may be case-sensitive.",
    "This account is inactive.",
    "Your old password was entered incorrectly. Please enter it again.",
    "The two password fields didn’t match.",
    (
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    "The password is too similar to the %(verbose_name)s.",
    "This password is too common.",
    "This password is entirely numeric.",
    "first name",
    "last name",
    "email address",
)
DJANGO_PARTS = ("conf", "contrib/auth")
PLACEHOLDER = re.compile(r"(?<!%)(?:%%)*(%(?:\([^)]+\))?[sdif])")


def from_code(path: Path) -> list[tuple[Message, int]]:
    """Return the messages of a Python file: literal texts handed to a gettext function."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        if name not in FUNCTIONS:
            continue
        parts = {}
        for role, argument in zip(FUNCTIONS[name], node.args, strict=False):
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                parts[role] = argument.value
        if parts.get("id"):
            found.append(((parts.get("context"), parts["id"], parts.get("plural")), node.lineno))
    return found


def from_template(path: Path) -> list[tuple[Message, int]]:
    """Return the messages of a template: translate tags, blocktranslate blocks and ``_("…")`` in expressions."""
    from django.template.base import Lexer, TokenType
    from django.utils.text import smart_split
    from django.utils.translation import trim_whitespace

    found: list[tuple[Message, int]] = []
    block: dict[str, object] | None = None
    inline = re.compile(r"""_\((?:"([^"]+)"|'([^']+)')\)""")
    for token in Lexer(path.read_text(encoding="utf-8")).tokenize():
        line = token.lineno
        if block is not None:
            if token.token_type == TokenType.BLOCK and token.contents.split()[0].startswith("endblocktrans"):
                texts = ["".join(part) for part in block["parts"]]  # type: ignore[attr-defined]
                if block["trimmed"]:
                    texts = [trim_whitespace(text) for text in texts]
                plural = texts[1] if len(texts) > 1 else None
                found.append(((block["context"], texts[0], plural), line))  # type: ignore[arg-type]
                block = None
            elif token.token_type == TokenType.BLOCK and token.contents.strip() == "plural":
                block["parts"].append([])  # type: ignore[attr-defined]
            elif token.token_type == TokenType.VAR:
                block["parts"][-1].append(f"%({token.contents})s")  # type: ignore[index]
            else:
                block["parts"][-1].append(token.contents.replace("%", "%%"))  # type: ignore[index]
            continue
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        words = list(smart_split(token.contents))
        if token.token_type == TokenType.BLOCK and words[0] in ("translate", "trans"):
            context = words[words.index("context") + 1][1:-1] if "context" in words else None
            if words[1][0] in "\"'":
                literal = re.match(r"(['\"])(.*?)\1", words[1])
                if literal and literal[2]:
                    found.append(((context, literal[2].replace("%", "%%"), None), line))
        elif token.token_type == TokenType.BLOCK and words[0] in ("blocktranslate", "blocktrans"):
            context = words[words.index("context") + 1][1:-1] if "context" in words else None
            block = {"parts": [[]], "trimmed": "trimmed" in words, "context": context}
        for match in inline.finditer(token.contents):
            found.append(((None, (match.group(1) or match.group(2)).replace("%", "%%"), None), line))
    return found


def messages() -> dict[Message, list[tuple[str, int]]]:
    """Return every message of the site with the places where it is used."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure()
        django.setup()
    found: dict[Message, list[tuple[str, int]]] = {}
    for path in sorted([*WEB.rglob("*.py"), *WEB.rglob("*.html"), *WEB.rglob("*.txt")]):
        if {"migrations", "node_modules", "static", "assets"} & set(path.relative_to(WEB).parts):
            continue
        take = from_code if path.suffix == ".py" else from_template
        for message, line in take(path):
            found.setdefault(message, []).append((path.relative_to(WEB).as_posix(), line))
    return found


def lacking_in_django(language: str) -> list[Message]:
    """Return those texts of Django that the site shows and that Django itself has no words for in a language."""
    import django

    known: set[object] = set()
    for part in DJANGO_PARTS:
        path = Path(django.__file__).parent / part / "locale" / language / "LC_MESSAGES" / "django.po"
        with path.open("rb") as file:
            catalog = pofile.read_po(file, locale=language)
        missing = set(lacking(catalog))
        for message in catalog:
            single = message.id[0] if isinstance(message.id, list | tuple) else message.id
            if single and single not in missing:
                known.add(single)
    pairs = [text if isinstance(text, tuple) else (text, None) for text in OF_DJANGO]
    return [(None, single, plural) for single, plural in pairs if single not in known]


def catalogue_path(language: str) -> Path:
    """Return the file of a language."""
    return WEB / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Return the catalogue of a language, an empty one where there is none."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """Return the catalogue with exactly the messages that the site has, translations kept."""
    old = read(language)
    new = Catalog(locale=language, charset="utf-8", fuzzy=False)
    wanted = messages()
    for message in lacking_in_django(language):
        wanted.setdefault(message, []).append(("(Django)", 0))
    for (context, single, plural), places in sorted(
        wanted.items(), key=lambda item: (item[0][1].lower(), item[0][1], item[0][0] or "")
    ):
        known = old.get(single, context)
        name = (single, plural) if plural else single
        text = known.string if known is not None and bool(known.pluralizable) == bool(plural) else None
        flags = {"python-format"} if PLACEHOLDER.search(single) else set()
        # Files without lines: a moved line is no change of a translation.
        new.add(
            name,
            text,
            locations=[(place, None) for place in sorted({place for place, _ in places})],
            flags=flags,
            context=context,
        )
    return new


def lacking(catalog: Catalog) -> list[str]:
    """Return the messages without a complete translation."""
    found = []
    for message in catalog:
        if not message.id:
            continue
        texts = message.string if isinstance(message.string, list | tuple) else [message.string]
        if message.fuzzy or not all(texts):
            found.append(message.id[0] if isinstance(message.id, list | tuple) else message.id)
    return found


def wrong_placeholders(catalog: Catalog) -> list[str]:
    """Return the messages whose translation names other values than the message does."""
    found = []
    for message in catalog:
        ids = list(message.id) if isinstance(message.id, list | tuple) else [message.id]
        texts = list(message.string) if isinstance(message.string, list | tuple) else [message.string]
        if not ids[0]:
            continue
        wanted = {name for text in ids for name in PLACEHOLDER.findall(text)}
        for text in filter(None, texts):
            named = set(PLACEHOLDER.findall(text))
            # Of a plural the form for one may leave the number out ("one goal").
            least = (
                set(PLACEHOLDER.findall(ids[0])) & set(PLACEHOLDER.findall(ids[-1]))
                if len(ids) > 1
                else wanted
            )
            if not least <= named <= wanted:
                found.append(ids[0])
                break
    return found


def written(catalog: Catalog) -> bytes:
    """Return the file of a catalogue: a head without dates, names and addresses, then the messages in their order."""
    head = (
        "# Messages of the site (tools/messages.py).\n"
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalog.locale}\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
    )
    body = io.BytesIO()
    pofile.write_po(body, catalog, width=110, omit_header=True, sort_output=False)
    return head.encode() + b"\n" + body.getvalue()


def compile_catalogues() -> None:
    """Write the .mo file beside each .po file, whole or not at all."""
    for language in LANGUAGES:
        path = catalogue_path(language)
        if path.exists():
            target, fresh = path.with_suffix(".mo"), path.with_suffix(".mo.new")
            with fresh.open("wb") as file:
                mofile.write_mo(file, read(language))
            fresh.replace(target)


def main() -> int:
    """Run the tool."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing, tell what lacks a translation")
    parser.add_argument("--compile", action="store_true", help="write the .mo files")
    options = parser.parse_args()
    if options.compile:
        compile_catalogues()
        return 0
    count = 0
    for language in LANGUAGES:
        catalog = updated(language)
        missing = lacking(catalog)
        count += len(missing)
        print(f"{language}: {len(catalog)} messages, {len(missing)} untranslated")
        wrong = wrong_placeholders(catalog)
        count += len(wrong)
        for text in wrong:
            print(f"  other values in the translation than in the message: {text!r}")
        if options.check:
            for text in missing:
                print(f"  {text!r}")
        else:
            path = catalogue_path(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written(catalog))
    return 1 if options.check and count else 0


if __name__ == "__main__":
    sys.exit(main())
