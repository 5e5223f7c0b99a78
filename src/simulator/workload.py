"""What simulated customers do: task types with their token sizes, and the product features that need them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """A task type.

    Token counts are medians of log-normal distributions, `spread` the standard deviation of their logarithm.
    `grades` are the shares of calls that go to a premium, a standard and an economy model; `cacheable` is the
    share of calls whose prompt begins like an earlier one.
    """

    name: str
    input_tokens: int
    output_tokens: int
    spread: float
    grades: tuple[float, float, float]
    cacheable: float


@dataclass(frozen=True)
class Feature:
    """A feature of a product: the task type behind it, and how many customers use how much of it."""

    product: str
    name: str
    task: str
    adoption: float
    popularity: float


TASKS: tuple[Task, ...] = (
    Task("qa", 780, 260, 0.55, (0.08, 0.42, 0.50), 0.30),
    Task("classification", 950, 28, 0.45, (0.05, 0.20, 0.75), 0.45),
    Task("summarization", 6_200, 480, 0.65, (0.10, 0.50, 0.40), 0.10),
    Task("extraction", 4_200, 380, 0.60, (0.08, 0.42, 0.50), 0.30),
    Task("translation", 1_700, 1_450, 0.60, (0.08, 0.47, 0.45), 0.05),
    Task("content_generation", 1_500, 1_300, 0.50, (0.18, 0.60, 0.22), 0.15),
    Task("rag_analysis", 28_000, 1_000, 0.55, (0.24, 0.58, 0.18), 0.35),
    Task("agentic_code", 52_000, 1_900, 0.60, (0.40, 0.54, 0.06), 0.70),
)
"""The task types, in the order of their codes."""

FEATURES: tuple[Feature, ...] = (
    Feature("support_desk", "answer_suggestions", "qa", 0.90, 1.8),
    Feature("support_desk", "ticket_routing", "classification", 0.60, 1.4),
    Feature("support_desk", "case_summaries", "summarization", 0.55, 1.0),
    Feature("document_hub", "contract_extraction", "extraction", 0.45, 1.0),
    Feature("document_hub", "document_digest", "summarization", 0.40, 0.8),
    Feature("document_hub", "document_translation", "translation", 0.25, 0.6),
    Feature("writing_studio", "draft_writer", "content_generation", 0.60, 1.2),
    Feature("writing_studio", "tone_translation", "translation", 0.20, 0.4),
    Feature("insight_lab", "research_assistant", "rag_analysis", 0.70, 3.2),
    Feature("insight_lab", "knowledge_search", "qa", 0.50, 0.9),
    Feature("code_pilot", "code_agent", "agentic_code", 0.55, 3.2),
    Feature("code_pilot", "review_comments", "content_generation", 0.30, 0.5),
)
"""The features, in the order of their codes."""

TASK_CODE: dict[str, int] = {task.name: code for code, task in enumerate(TASKS)}

ENVIRONMENTS: tuple[tuple[str, float], ...] = (
    ("production", 0.95),
    ("staging", 0.04),
    ("development", 0.01),
)
REGIONS: tuple[str, ...] = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1")
"""Where organizations are at home; their calls are served there."""
