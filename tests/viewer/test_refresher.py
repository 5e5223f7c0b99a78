"""The thread that keeps the pages fresh goes on whatever happens to it."""

import sys
import time
from pathlib import Path

from calls.source import Filters
from tests.viewer.fake_analyzers import publish
from viewer.generation import Generation
from viewer.inputs import Inputs, Named
from viewer.live_site import Site, State
from viewer.metrics import Metrics
from viewer.refresh import Refresher, Schedule


def test_a_look_that_fails_is_told_and_the_next_one_follows(tmp_path: Path) -> None:
    data = tmp_path / "calls.csv"
    data.write_text("first")
    publish(tmp_path / "reports", "first", data, "")
    said: list[str] = []
    asked: list[Generation] = []

    def is_fresh(generation: Generation, _: Inputs) -> bool:
        asked.append(generation)
        if len(asked) == 1:
            raise TypeError("an error that nobody thought of")
        return True

    site = Site(Metrics(), "make data")
    refresher = Refresher(
        site, Named(tmp_path / "reports", data), lambda *_: (sys.executable, "-c", ""), is_fresh,
        metrics=Metrics(), log=said.append, schedule=Schedule(look=0.02),
    )  # fmt: skip
    refresher.start()
    deadline = time.monotonic() + 30
    while site.view.state is not State.FRESH and time.monotonic() < deadline:
        time.sleep(0.02)
    refresher.stop()
    refresher.join(30)
    assert site.view.state is State.FRESH
    assert len(said) == 1
    assert "TypeError: an error that nobody thought of" in said[0]
    assert Filters() == asked[0].manifest.source.filters
