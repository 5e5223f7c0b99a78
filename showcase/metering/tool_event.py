"""An event of a tool: an assistant looked something up, ran a query, called another service.

Tools cost time and often money, though no tokens; the events are kept beside the calls, with the trace that
joins them.
"""

from collections.abc import Mapping

from showcase.metering.body import BadBody, Body

TEXTS = ("transactionId", "operation", "agent", "organizationName", "productName", "traceId", "errorMessage")


def checked_event(body: Body) -> Mapping[str, object]:
    """The event as it was sent, if it says which tool was used and how that went.

    Raises:
        BadBody: a needed field is missing, or a field holds what it cannot.
    """
    body.needed_text("toolId")
    body.milliseconds("durationMs")
    for name in TEXTS:
        body.text(name)
    success = body.fields.get("success")
    if success is not None and not isinstance(success, bool):
        raise BadBody("success takes true or false")
    return body.fields
