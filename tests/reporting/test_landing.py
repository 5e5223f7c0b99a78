"""What the landing page picks out of eight reports."""

from dataclasses import replace
from decimal import Decimal

from reporting.document import MetricCard, Unit, Value
from reporting.landing import attention
from reporting.publishing import publish
from tests.reporting import example
from viewer.generation import load_generation


def published(tmp_path, changed):
    pages = [
        replace(page, document=replace(page.document, **changed(number, page.document)))
        for number, page in enumerate(example.pages(example.REPORTS[:3]))
    ]
    return publish(tmp_path, pages, [], example.provenance())


def test_a_dedup_key_stands_once_with_its_most_dollars(tmp_path):
    def changed(number, document):
        advice = replace(
            document.recommendations[0],
            action=f"Words of report {number}",
            usd_month=Decimal(100 + number),
            dedup_key="same",
        )
        return {"recommendations": (advice,), "alerts": ()}

    shown = attention(published(tmp_path, changed))
    assert [view.item.title for view in shown] == ["Words of report 2"]


def test_what_has_no_dedup_key_stands_for_itself(tmp_path):
    def changed(number, document):
        advice = replace(document.recommendations[0], action=f"Words of report {number}", dedup_key="")
        return {"recommendations": (advice,), "alerts": ()}

    assert len(attention(published(tmp_path, changed))) == 3


def test_highlights_come_in_report_order_and_one_without_a_figure_gives_way(tmp_path):
    def changed(number, document):
        value = Value(None if number == 1 else number, Unit.COUNT, reason="not known")
        return {
            "cards": (
                MetricCard(id="plain", label=f"Plain {number}", value=Value(9, Unit.COUNT)),
                MetricCard(id="marked", label=f"Marked {number}", value=value, highlight=True),
            )
        }

    assert [figure.label for figure in published(tmp_path, changed).highlights] == [
        "Marked 0",
        "Marked 2",
        "Plain 0",
    ]


def test_pages_beside_the_set_are_linked_and_served_where_they_exist(tmp_path):
    def unchanged(number, document):
        return {}

    published(tmp_path, unchanged)
    assert "Beside these reports" not in (tmp_path / "html/index.html").read_text()
    (tmp_path / "reconciliation.html").write_text("<p>a bill</p>")
    (tmp_path / "other.html").write_text("<p>another</p>")
    (tmp_path / "comparison.html").symlink_to(tmp_path / "other.html")
    published(tmp_path, unchanged)
    text = (tmp_path / "html/index.html").read_text()
    assert '<a href="../reconciliation.html">Calls against bills</a>' in text
    assert "comparison.html" not in text
    served = load_generation(tmp_path).files
    assert served["/reconciliation.html"] == b"<p>a bill</p>"
    assert {"/comparison.html", "/other.html"}.isdisjoint(served)


def test_what_is_only_at_stake_stands_after_every_saving(tmp_path):
    """However many dollars a gap to a target has; and each saving says whether quality is at risk."""

    def changed(number, document):
        if number:
            return {"recommendations": (), "alerts": ()}
        kinds = (("gap", 900, False, True), ("test", 50, True, True), ("safe", 20, True, False))
        advice = tuple(
            replace(
                document.recommendations[0],
                id=name,
                action=name,
                usd_month=Decimal(usd),
                saves=saves,
                needs_test=test,
            )
            for name, usd, saves, test in kinds
        )
        return {"recommendations": advice, "alerts": ()}

    shown = attention(published(tmp_path, changed))
    assert [view.item.title for view in shown] == ["test", "safe", "gap"]
    assert [view.item.text.rpartition("; ")[2] for view in shown[:2]] == [
        "test the quality first",
        "no risk to quality",
    ]
    assert shown[2].item.usd_text.endswith("per month at stake")
