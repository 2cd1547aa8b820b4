"""``GET /problems/{slug}``: explanations of problem types."""

from typing import Final

from adlrisk.api.dispatch.endpoint import Answer, Call, Endpoint, Parameter
from adlrisk.api.endpoints.system.schema import ProblemPage
from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.api.http.problems import ProblemError


def _handle_problem(call: Call) -> ProblemPage:
    kind = PROBLEMS.get(call.path["slug"])
    if kind is None:
        raise ProblemError("not-found", "Unknown problem type")
    return ProblemPage(
        type=f"/problems/{kind.slug}",
        title=kind.title,
        statuses=kind.statuses,
        explanation=kind.explanation,
    )


PROBLEM: Final = Endpoint(
    method="GET",
    path="/problems/{slug}",
    operation_id="getProblemType",
    access="open",
    tag="Operations",
    summary="Explain a problem type",
    description="The `type` of every error is the path of its explanation here.",
    handle=_handle_problem,
    parameters=(
        Parameter(
            name="slug",
            place="path",
            description="The last part of a problem's `type`.",
            schema={"$ref": "#/components/schemas/ProblemSlug"},
            example="invalid-request",
        ),
    ),
    answers={200: Answer(description="The explanation.", type=ProblemPage)},
    problems=("not-found",),
)
