"""Groups of people that a plan tells apart: by sex, age, residence."""

from __future__ import annotations

from plananalysis.base.text import catalogue, say, tellable


@tellable
def group_name(group: str, plan: str) -> str:
    """What a group is called in a sentence.

    >>> group_name("sex:female", "children"), group_name("age:35-44", "women"), group_name("total", "women")
    ('女童', '35—44岁', '全体')
    >>> group_name("sex:female", "fyp14")
    '女性'
    """
    dimension, _, name = group.partition(":")
    low, dash, high = name.partition("-")
    if dimension == "age" and dash:
        return say("gaps.age", low=low, high=high)
    keys = [f"gaps.name.{of}.{name or dimension}" for of in (plan, "any")]
    return next((say(key) for key in keys if key in catalogue()), name or dimension)
