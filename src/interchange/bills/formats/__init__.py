"""The kinds of bills, one module each; the first that a file fits is its own."""

from interchange.bills.charges import Format
from interchange.bills.formats import anthropic, aws, azure, focus, gcp, openai, openrouter, plain

FORMATS: tuple[Format, ...] = (
    focus.FORMAT,
    aws.FORMAT,
    azure.FORMAT,
    gcp.FORMAT,
    openai.FORMAT,
    anthropic.REPORT,
    anthropic.CONSOLE,
    openrouter.FORMAT,
    plain.FORMAT,
)
