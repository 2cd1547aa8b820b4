"""Validation of the objects on standard input by the models of the Prometheus operator, in a separate environment.

A model drops unknown fields, so that its output must equal the input.
"""

import sys

import yaml
from cloudcoil.models.prometheus_operator import v1


def main() -> None:
    """Exit with an error at the first invalid object."""
    for found in yaml.safe_load_all(sys.stdin):
        kind = getattr(v1, found["kind"])
        taken = kind.model_validate(found).model_dump(mode="json", by_alias=True, exclude_unset=True)
        if taken != found:
            sys.exit(f"{found['kind']}: fields that the operator does not know, or values that it reads otherwise")


if __name__ == "__main__":
    main()
