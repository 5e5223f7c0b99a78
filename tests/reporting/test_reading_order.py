"""A name with a sign that reverses text does not reverse the sentences that hold it."""

from dataclasses import replace

from reporting.document import Alert, Level, Row
from reporting.reading_order import in_reading_order
from tests.reporting import example

REVERSING = "Acme\u202eevil\u2067"
HEBREW = "חברת הדוגמה"


def test_sentences_lose_what_would_reverse_them_and_nothing_else():
    document = example.pages(example.REPORTS[:1])[0].document
    alert = Alert(
        level=Level.CRITICAL,
        title=f"{REVERSING} costs $5",
        text=f"{HEBREW} and {REVERSING} cost $9",
        dedup_key=REVERSING,
    )
    changed = replace(document, alerts=(alert,), summary=(f"{REVERSING} grew", "Nothing else."))
    found = in_reading_order(changed)
    assert found.summary == ("Acmeevil grew", "Nothing else.")
    assert found.alerts[0].title == "Acmeevil costs $5"
    assert found.alerts[0].text == f"{HEBREW} and Acmeevil cost $9"
    assert found.alerts[0].dedup_key == REVERSING
    assert found.sections is document.sections


def test_names_in_rows_stay_what_filters_and_files_ask_for():
    row = Row((REVERSING, 5))
    assert in_reading_order(row) is row
    document = example.pages(example.REPORTS[:1])[0].document
    assert in_reading_order(document) is document
