# syntax is plain on purpose: no heredocs, so that older builders can build it.
ARG PYTHON_IMAGE=python:3.13-slim
ARG UV_VERSION=0.13.9

FROM ${PYTHON_IMAGE} AS build
ARG UV_VERSION
RUN python -m pip install --no-cache-dir "uv==${UV_VERSION}"
WORKDIR /build
COPY pyproject.toml uv.lock README.md CHANGELOG.md ./
COPY service service
COPY openapi openapi
RUN UV_PROJECT_ENVIRONMENT=/opt/adlrisk uv sync --frozen --no-default-groups --no-editable --compile-bytecode

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/adlrisk /opt/adlrisk
USER 65532:65532
EXPOSE 8000
ENTRYPOINT ["/opt/adlrisk/bin/adlrisk"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
