"""Whether the Prometheus operator would take the objects on standard input; run with its models, apart from the rest.

Unknown fields do not come back out of a model, so that what comes out has to be what went in.
"""

import sys

import yaml
from cloudcoil.models.prometheus_operator import v1


def main() -> None:
    """Fail with the first object that is not as the operator's schemas have it."""
    for found in yaml.safe_load_all(sys.stdin):
        kind = getattr(v1, found["kind"])
        taken = kind.model_validate(found).model_dump(mode="json", by_alias=True, exclude_unset=True)
        if taken != found:
            sys.exit(f"{found['kind']}: fields that the operator does not know, or values that it reads otherwise")


if __name__ == "__main__":
    main()
