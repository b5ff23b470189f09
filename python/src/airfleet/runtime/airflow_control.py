"""Tasks that decide how a run goes on. Imported by files that have one only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from airflow.providers.standard.operators.branch import BaseBranchOperator
except ImportError:
    from airflow.operators.branch import BaseBranchOperator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Control(BaseBranchOperator):  # type: ignore[misc, unused-ignore]
    """Takes one of several ways; tasks on the others are skipped."""

    ui_color = "#9C27B0"

    def __init__(self, *, step: Mapping[str, Any], ways: Mapping[str, Sequence[str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step = step
        self.ways = ways

    def choose_branch(self, context: Mapping[str, Any]) -> Sequence[str]:
        """The first tasks on the way that the rows decide for."""
        from .airflow_task import run_task  # noqa: PLC0415 - not when a file is parsed

        result = run_task(self.step, context)
        # Airflow 3 ends the task by an exception when it skips: what it returned would be lost.
        context["ti"].xcom_push(key="return_value", value=result)
        return list(self.ways[result["chosen"]])

    def execute(self, context: Mapping[str, Any]) -> Any:
        """Chooses, and skips the rest."""
        chosen = self.choose_branch(context)
        self.do_branch(context, chosen)
        return context["ti"].xcom_pull(task_ids=self.task_id, key="return_value")
