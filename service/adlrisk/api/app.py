"""The application: every route and every layer on one screen."""

from importlib.metadata import version
from typing import Any, Final, TextIO

from litestar import Litestar
from litestar.exceptions import HTTPException
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from adlrisk.api.dispatch.context import Clock, Service, system_clock
from adlrisk.api.dispatch.direct import Direct
from adlrisk.api.dispatch.endpoint import Endpoint
from adlrisk.api.dispatch.errors import Failures
from adlrisk.api.dispatch.fast_path import AtOnce
from adlrisk.api.dispatch.gauges import watch
from adlrisk.api.dispatch.middleware import Instrumented
from adlrisk.api.dispatch.parameter_store import build_live_rules, store_listener
from adlrisk.api.dispatch.respond import answerer
from adlrisk.api.dispatch.router import failure_handler, route_handlers
from adlrisk.api.endpoints.adl import allocate as allocation
from adlrisk.api.endpoints.adl import partial
from adlrisk.api.endpoints.docs import openapi
from adlrisk.api.endpoints.docs import page as docs
from adlrisk.api.endpoints.queue import rank as queue
from adlrisk.api.endpoints.score import batch as scores
from adlrisk.api.endpoints.score import score
from adlrisk.api.endpoints.system.health import LIVE, READY
from adlrisk.api.endpoints.system.index import ROOT
from adlrisk.api.endpoints.system.metrics import METRICS
from adlrisk.api.endpoints.system.problems import PROBLEM
from adlrisk.api.endpoints.venues import cards as venues
from adlrisk.api.endpoints.venues import markets
from adlrisk.api.http.cors import Cors
from adlrisk.api.limits.client_address import trusted_networks
from adlrisk.settings import Settings, read_settings
from adlrisk.telemetry.access_log import build_access_log
from adlrisk.telemetry.log_output import StreamOutput, standard_output
from adlrisk.telemetry.logging import build_logger
from adlrisk.telemetry.metrics import Metrics
from adlrisk.venues.catalogue import load_catalogue

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    score.SCORE,
    scores.SCORES,
    queue.RANK,
    partial.PARTIAL,
    allocation.ALLOCATE,
    venues.LIST_VENUES,
    venues.GET_VENUE,
    venues.PATCH_VENUE,
    venues.RESET_VENUE,
    markets.PUT_MARKET,
    markets.GET_MARKET,
    LIVE,
    READY,
    METRICS,
    PROBLEM,
    ROOT,
    openapi.OPENAPI,
    docs.DOCS,
)


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = system_clock,
    log: TextIO | None = None,
) -> Instrumented:
    """The application under ``settings``, by default those of the environment.

    Any ASGI server can run this factory. ``clock`` stands in for the system's, and lines of the log go to ``log``, by
    default standard output.
    """
    settings = settings or read_settings()
    catalogue = load_catalogue()
    version_running = version("adlrisk")
    metrics = Metrics(version=version_running, catalogue=catalogue.revision)
    output = standard_output() if log is None else StreamOutput(log)
    metrics.bind_log(output.dropped)
    logger = build_logger(level=settings.log_level, form=settings.log_format, output=output)
    parameters = build_live_rules(catalogue, settings, on_event=store_listener(metrics, logger))
    service = Service(
        settings=settings,
        parameters=parameters,
        metrics=metrics,
        logger=logger,
        access_log=build_access_log(level=settings.log_level, form=settings.log_format, output=output),
        clock=clock,
        version=version_running,
        document=lambda: openapi.build_document(ENDPOINTS, venues=catalogue, version=version_running),
        render_docs=docs.render_page,
    )
    watch(service, ENDPOINTS)
    failures = Failures(ENDPOINTS, service)
    litestar = Litestar(
        route_handlers=route_handlers(ENDPOINTS, service),
        exception_handlers={HTTPException: failure_handler(failures), Exception: failure_handler(failures)},
        on_startup=[service.start],
        on_shutdown=[service.stop],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,  # wire.read_body limits each endpoint by its own setting
    )
    trusted = trusted_networks(settings)
    posts = {endpoint.path: answerer(endpoint, service) for endpoint in ENDPOINTS if endpoint.method == "POST"}
    app: Any = Direct(posts, failures, otherwise=litestar)
    if trusted:
        app = ProxyHeadersMiddleware(app, trusted)
    cross_origin = Cors(settings.cors_origins.replace(",", " ").split())
    return Instrumented(
        app,
        service,
        at_once=AtOnce(ENDPOINTS, service, cross_origin=cross_origin),
        vital=frozenset(endpoint.path for endpoint in ENDPOINTS if endpoint.is_vital),
        cross_origin=cross_origin,
    )
