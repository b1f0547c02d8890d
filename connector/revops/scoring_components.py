"""What made an SQL rule fire: the criteria with a grade that counts, and the activity it asks for (domain §1.5)."""

from __future__ import annotations

from connector.revops.scoring_config import BantPositive
from connector.revops.scoring_criteria import rules_named
from connector.revops.scoring_result import Score


def components(score: Score) -> tuple[str, ...]:
    """The ids of criteria and engagement rules behind the SQL rules that fire now, in the order of the config.

    Empty where none fires: what was kept from earlier, or set by hand, is not explained by today's grades.
    """
    if not score.sql.fires or score.sql.rule is None:
        return ()
    scorer, _, sums, _ = score.trace
    config, grades, fired = scorer.config, score.grades, score.sql.rule.split("+")
    found = dict[str, None]()
    for rule in config.sql:
        if rule.type not in fired:
            continue
        enough = ("A",) if isinstance(rule, BantPositive) and rule.positive_min == "A" else ("A", "B")
        found.update(dict.fromkeys(each for each in rule.criteria if grades[each] in enough))
        if isinstance(rule, BantPositive):
            active = rules_named(rule.active_events, config.engagement)
            lately = sorted(each for each, _, _, newest, _ in sums if each in active and newest <= rule.within_days)
            found.update(dict.fromkeys(config.engagement[each].id for each in lately))
    return tuple(found)
