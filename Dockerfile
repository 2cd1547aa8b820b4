# No heredocs and no cache mounts, so that older builders and those without a daemon can build it.
# The base is pinned by the digest of the tag's index, for all platforms: Python 3.13.15 on Debian trixie, seen in September
# 2026. Dependabot renews it, and looks at names in FROM only, not at arguments. By hand, in both places:
#   docker buildx imagetools inspect python:3.13-slim
# Another base needs Python 3.11 or newer, at the same path in both stages, and pip in the first.
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
# Litestar's dependencies for tests and terminals, which the service never imports: a fifth of the size.
ARG LEFT_OUT="faker polyfactory pygments rich rich-click"
# Extras of the package: "collect" for the collector's image, "watch" for the watch's.
ARG EXTRAS="server"
# System certificates, so that it builds in networks with a CA of their own.
ENV PYTHONDONTWRITEBYTECODE=1 \
    UV_SYSTEM_CERTS=true
WORKDIR /build
COPY uv-requirements.txt ./
RUN python3 -m venv --without-pip /opt/uv \
 && python3 -m pip --python /opt/uv/bin/python install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary=:all: --requirement uv-requirements.txt
COPY pyproject.toml uv.lock README.md CHANGELOG.md LICENSE ./
# Dependencies first: they change less often than the service, so the layer is cached.
RUN for name in ${LEFT_OUT}; do set -- "$@" --no-install-package "${name}"; done \
 && for extra in ${EXTRAS}; do set -- "$@" --extra "${extra}"; done \
 && UV_PROJECT_ENVIRONMENT=/opt/adlrisk /opt/uv/bin/uv sync --frozen --no-default-groups --no-install-project "$@" \
    --no-cache --compile-bytecode --python "$(command -v python3)"
COPY service service
COPY openapi openapi
RUN for name in ${LEFT_OUT}; do set -- "$@" --no-install-package "${name}"; done \
 && for extra in ${EXTRAS}; do set -- "$@" --extra "${extra}"; done \
 && UV_PROJECT_ENVIRONMENT=/opt/adlrisk /opt/uv/bin/uv sync --frozen --no-default-groups --no-editable "$@" \
    --no-cache --compile-bytecode --python "$(command -v python3)"

# An SBOM of the image: build with --target sbom and copy /sbom.json out of it.
FROM build AS sbom
RUN UV_PROJECT_ENVIRONMENT=/opt/cyclonedx /opt/uv/bin/uv sync --frozen --only-group sbom --no-cache \
    --python "$(command -v python3)" \
 && /opt/cyclonedx/bin/cyclonedx-py environment /opt/adlrisk/bin/python --output-file /sbom.json

FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS service
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="adlrisk" \
      org.opencontainers.image.description="Scores the risk that an exchange auto-deleverages a perpetual-futures position" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/adlrisk /opt/adlrisk
# Writes no files: the root file system may be read-only.
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PATH=/opt/adlrisk/bin:$PATH
USER 65532:65532
WORKDIR /
# 8001: health checks only; a collector's health and metrics.
EXPOSE 8000 8001
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s --retries=3 CMD ["adlrisk", "probe", "http://127.0.0.1:8001"]
ENTRYPOINT ["adlrisk"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--probe-port", "8001"]
