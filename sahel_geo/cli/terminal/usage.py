"""What typer says of itself, the headings of help and wrong options, in the reader's language."""

import os
import re
from functools import partial
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from sahel_geo.cli.terminal.words import help_language
from sahel_geo.errors import did_you_mean
from sahel_geo.i18n.cldr import signs_of
from sahel_geo.i18n.sentence import Sentence, Texts

UsageError: Any = typer.BadParameter.__bases__[0]  # click's, wherever this version of typer has it

_HELP: Final = Texts(
    {
        "help": "Show this message and exit.",
        "install_completion": "Install completion for the current shell.",
        "show_completion": "Show completion for the current shell, to copy or adapt it.",
    }
)
# What typer writes, and what a person reads instead.
_WORDS: Final[dict[str, Sentence]] = {
    "Usage:": Sentence("Usage:"),
    "Arguments:": Sentence("Arguments:"),
    "Options:": Sentence("Options:"),
    "Commands:": Sentence("Commands:"),
    "COMMAND [ARGS]": Sentence("COMMAND [ARGS]"),
    "[default:": Sentence("[default:"),
    "[required]": Sentence("[required]"),
    "<path>": Sentence("<name>"),
    "<str>": Sentence("<word>"),
    "<int>": Sentence("<number>"),
    "<float>": Sentence("<number>"),
    "<int range>": Sentence("<number>"),
    "<float range>": Sentence("<number>"),
    "<list[path]>": Sentence("<names>"),
    "<list[Path]>": Sentence("<names>"),  # as newer typer writes it
    "--measure <list[str]>": Sentence("--measure <measures>"),
    "<list[str]>": Sentence("<words>"),
}
_OUTPUTS: Final = {"out", "html", "quarantine", "repaired", "picture", "png"}
_BOUNDS: Final = (
    (r"(?P<low>[\d.]+)<=x<=(?P<high>[\d.]+)", Sentence("{low:g} to {high:g}")),
    (r"x>=(?P<low>[\d.]+)", Sentence("at least {low:g}")),
)
_EXPECTED: Final = (
    (r"less than or equal to (?P<bound>\S+)", "at most {bound}"),
    (r"greater than or equal to (?P<bound>\S+)", "at least {bound}"),
    (r"not in the range (?P<bound>\S+?)\.?$", "a number, {bound}"),
    (r"valid integer", "a whole number"),
    (r"valid number|valid float", "a number"),
    (r"is not one of (?P<known>.+?)\.?$", "one of {known}"),
    (r"(?P<message>.*)", "what typer says: {message}"),
)


class _InLanguage:
    """Help in the language that a person reads."""

    def get_help(self, ctx: Any) -> str:
        command: Any = self
        lang = help_language().value
        for param in command.get_params(ctx):
            param.help = _HELP[lang].get(param.name, param.help)
        # Write what typer says of itself in a language; columns stay where they are.
        text = str(super().get_help(ctx))  # type: ignore[misc]
        for typed, word in _WORDS.items():
            said = word.say(lang)
            longer = len(said) - len(typed)

            def fitted(match: re.Match[str], said: str = said, longer: int = longer) -> str:
                room = len(match[1])
                return said + " " * (max(room - longer, 2) if room > 1 else room)

            text = re.sub(rf"{re.escape(typed)}( *)", fitted, text)
        for pattern, bound in _BOUNDS:
            text = re.sub(pattern, partial(_bounds, bound=bound, lang=lang), text)
        return re.sub(r"(?<=\s)\d+\.\d+(?=[;\]])", lambda match: signs_of(match[0], lang), text)


def _bounds(match: re.Match[str], *, bound: Sentence, lang: str) -> str:
    return bound.filled(**{name: float(end) for name, end in match.groupdict().items()}).say(lang)


class Command(_InLanguage, TyperCommand):
    """A command with help in the language of its reader, that never writes over what it reads."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command, its inputs protected."""
        from sahel_geo.files import protecting  # noqa: PLC0415  keeps --help fast

        given = [value for name, value in ctx.params.items() if name not in _OUTPUTS]
        flat = [each for value in given for each in (value if isinstance(value, list) else [value])]
        texts = [str(each) for each in flat if isinstance(each, str | os.PathLike)]
        with protecting([*texts, *(text.rpartition(":")[0] for text in texts if ":" in text)]):
            return super().invoke(ctx)


class Group(_InLanguage, TyperGroup):
    """A group of commands of typer, with help in the language of its reader."""


def explain(error: Any) -> Sentence:
    """Say what is wrong with the words of a command, and where its help is."""
    path = error.ctx.command_path if error.ctx else "sahel-geo"
    return Sentence("{fault} See {path} --help.", fault=_fault(error), path=path)


def _fault(error: Any) -> Sentence:
    kind, message = type(error).__name__, error.format_message()
    if kind == "BadParameter":
        return _bad_value(error)
    if kind == "MissingParameter":
        return Sentence("{name} is missing.", name=_named(error.param))
    if kind == "BadOptionUsage":
        if "does not take" in message:
            return Sentence("{option} takes no value.", option=error.option_name)
        return Sentence("{option} needs a value.", option=error.option_name)
    return _unknown_word(error, kind, message)


def _unknown_word(error: Any, kind: str, message: str) -> Sentence:
    if kind == "NoSuchOption":
        options = [name for param in error.ctx.command.get_params(error.ctx) for name in param.opts]
        near = did_you_mean(error.option_name, options)
        return Sentence("there is no option {option}. {near}", option=error.option_name, near=near)
    if command := re.search(r"No such command '(.*?)'", message):
        near = did_you_mean(command[1], error.ctx.command.commands)
        return Sentence("there is no command {name!r}. {near}", name=command[1], near=near)
    if extra := re.search(r"unexpected extra arguments?(?:\(s\))? \((.*)\)", message):
        return Sentence("{words!r} is too much: no such argument.", words=extra[1])
    return Sentence("the command cannot be understood: {message}", message=message)


def _bad_value(error: Any) -> Sentence:
    match, template = next(
        (match, template)
        for pattern, template in _EXPECTED
        if (match := re.search(pattern, error.message, re.DOTALL))
    )
    parts = match.groupdict()
    given = re.search(r"'([^']*)' is not one of", error.message)
    known = re.findall(r"'([^']*)'", parts.get("known") or "")
    return Sentence(
        "the value of {name} cannot be used; expected {expected}. {near}",
        name=_named(error.param),
        expected=Sentence(template, **parts),
        near=did_you_mean(given[1], known) if given else "",
    )


def _named(param: Any) -> str:
    """Name an option as it is typed, an argument as help shows it."""
    longest: str = max(param.opts, key=len)
    return longest if longest.startswith("-") else f"<{param.metavar or param.name}>"
