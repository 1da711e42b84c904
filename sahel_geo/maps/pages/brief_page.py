"""The brief: one file that answers five questions on two printed pages."""

from typing import Final

from markupsafe import Markup

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.maps.pages.answers import WORDS, Answers
from sahel_geo.maps.pages.findings_pages import Story
from sahel_geo.maps.pages.site import read_template, template_of
from sahel_geo.maps.people import people_credit

FILE: Final = "brief.html"


def brief(story: Story, answers: Answers) -> str:
    """Write the brief as one HTML page that asks the network for nothing."""
    return template_of("brief.html").render(
        lang=story.lang,
        brief=answers,
        notices=story.notices,
        words=WORDS[story.lang],
        style=Markup(read_template("brief.css")),  # noqa: S704  a file of ours
        footer=_footer(story),
    )


def _footer(story: Story) -> tuple[str, ...]:
    told = [
        Sentence("Made with sahel_geo {version}.", version=story.summary["version"]),
        Sentence(
            "Boundaries: geoBoundaries and OCHA. The lines imply no position on any boundary."
        ),
        *people_credit(story.summary["people"]),
    ]
    return tuple(each.say(story.lang) for each in told)
