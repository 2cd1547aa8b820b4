"""The application: the route table, and how its layers are put together."""

from importlib.metadata import version
from typing import Any, Final, TextIO

from litestar.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.endpoint import Endpoint, PageHandler
from adlrisk.api.dispatch.fast_path import FastPath
from adlrisk.api.dispatch.gauges import bind_gauges
from adlrisk.api.dispatch.middleware import Middleware
from adlrisk.api.dispatch.pages.page_respond import build_page_responders
from adlrisk.api.dispatch.parameter_store import build_live_rules, store_listener
from adlrisk.api.dispatch.respond import build_responders
from adlrisk.api.dispatch.router import Router
from adlrisk.api.endpoints.account.account import ACCOUNT
from adlrisk.api.endpoints.adl.allocate import ALLOCATE
from adlrisk.api.endpoints.adl.partial import PARTIAL
from adlrisk.api.endpoints.docs.openapi import OPENAPI, build_document
from adlrisk.api.endpoints.docs.page import DOCS, render_page
from adlrisk.api.endpoints.fills.classify import CLASSIFY
from adlrisk.api.endpoints.plan.plan import PLAN
from adlrisk.api.endpoints.queue.rank import RANK
from adlrisk.api.endpoints.score.batch import SCORES
from adlrisk.api.endpoints.score.score import SCORE
from adlrisk.api.endpoints.stress.exposure import EXPOSURE
from adlrisk.api.endpoints.stress.simulate import SIMULATE
from adlrisk.api.endpoints.system.health import LIVE, READY
from adlrisk.api.endpoints.system.index import ROOT
from adlrisk.api.endpoints.system.metrics import METRICS
from adlrisk.api.endpoints.system.problems import PROBLEM
from adlrisk.api.endpoints.venues.cards import GET_VENUE, LIST_VENUES, PATCH_VENUE, RESET_VENUE
from adlrisk.api.endpoints.venues.markets import GET_MARKET, PUT_MARKET
from adlrisk.api.http.cors import Cors
from adlrisk.api.limits.caller import parse_trusted_networks
from adlrisk.configured_catalogue import load_configured_catalogue
from adlrisk.page.routes import PAGES, POSITION_PAGE
from adlrisk.settings import Settings, SettingsError, read_settings, variable_of
from adlrisk.settings.key_files import KeyFiles
from adlrisk.telemetry.access_log import build_access_log
from adlrisk.telemetry.log_output import StreamOutput, standard_output
from adlrisk.telemetry.logging import build_logger
from adlrisk.telemetry.metrics import Metrics
from adlrisk.venues.clocks import Clock, system_clock

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    SCORE,
    SCORES,
    ACCOUNT,
    PLAN,
    RANK,
    PARTIAL,
    ALLOCATE,
    SIMULATE,
    EXPOSURE,
    CLASSIFY,
    LIST_VENUES,
    GET_VENUE,
    PATCH_VENUE,
    RESET_VENUE,
    PUT_MARKET,
    GET_MARKET,
    LIVE,
    READY,
    METRICS,
    PROBLEM,
    ROOT,
    OPENAPI,
    DOCS,
)
VITAL_PATHS: Final = frozenset(endpoint.path for endpoint in ENDPOINTS if endpoint.is_vital)


class Application:
    """The ASGI application, and what the shipped server needs of it besides: context and fast path."""

    def __init__(self, app: ASGIApp, context: AppContext, fast_path: FastPath) -> None:
        self._app = app
        self.context = context
        self.fast_path = fast_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or take part in the server's lifespan."""
        await self._app(scope, receive, send)


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = system_clock,
    log: TextIO | None = None,
    shortcuts: bool = True,
    key_files: KeyFiles | None = None,
) -> Application:
    """The application under ``settings``, by default those of the environment.

    Any ASGI server can run this factory. ``clock`` replaces the system's; log lines go to ``log``, by default standard
    output. Without ``shortcuts`` Litestar routes every request and the fast path takes none; the answers are the same.
    ``key_files`` are read again while the service runs, by default those of the environment if the settings are.
    """
    if settings is None:
        settings, key_files = read_settings(), KeyFiles()
    context = build_context(settings, clock=clock, log=log, key_files=key_files or KeyFiles({}))
    routes = (*ENDPOINTS, *(PAGES if settings.page == "on" else ()), *_load_mcp(settings))
    bind_gauges(context, routes)
    pages = [endpoint for endpoint in routes if isinstance(endpoint.handle, PageHandler)]
    responders = build_responders([endpoint for endpoint in routes if endpoint not in pages], context)
    if pages:
        also_pages = {ROOT.operation_id: POSITION_PAGE} if settings.page == "on" else {}
        responders |= build_page_responders(
            pages, context, endpoints=ENDPOINTS, responders=responders, also_pages=also_pages
        )
    app: Any = Router(routes, context, responders=responders, shortcuts=shortcuts)
    trusted = parse_trusted_networks(settings)
    if trusted:
        app = ProxyHeadersMiddleware(app, trusted)
    cors = Cors(settings.cors_origins.replace(",", " ").split())
    return Application(
        Middleware(app, context, vital=VITAL_PATHS, cors=cors),
        context,
        FastPath(ENDPOINTS if shortcuts else (), context, responders=responders, cors=cors),
    )


def _load_mcp(settings: Settings) -> tuple[Endpoint, ...]:
    """The endpoint for language models, if it is switched on; else nothing of it is imported.

    Raises:
        SettingsError: what it needs is not installed.
    """
    if settings.mcp == "off":
        return ()
    from adlrisk.api.endpoints.mcp.mcp import build_endpoint  # noqa: PLC0415 (see above)

    try:
        return (build_endpoint(),)
    except ModuleNotFoundError as error:
        missing = f"{error.name} is not installed; run `pip install 'adlrisk[mcp]'`"
        raise SettingsError(f"{variable_of('mcp')}: {missing}") from error


def build_context(settings: Settings, *, clock: Clock, log: TextIO | None, key_files: KeyFiles) -> AppContext:
    """What all handlers share: telemetry, catalogue, store and document.

    Raises:
        SettingsError: a setting cannot be used, a card among them.
    """
    catalogue = load_configured_catalogue(settings.cards_dir, clock=clock)
    version_running = version("adlrisk")
    metrics = Metrics(version=version_running, catalogue=catalogue.revision)
    output = standard_output() if log is None else StreamOutput(log)
    metrics.bind_log(output.dropped)
    logger = build_logger(level=settings.log_level, form=settings.log_format, output=output)
    return AppContext(
        settings=settings,
        live_rules=build_live_rules(catalogue, settings, on_event=store_listener(metrics, logger), clock=clock),
        metrics=metrics,
        logger=logger,
        audit_logger=build_logger(level="info", form=settings.log_format, output=output, must_stay=True),
        key_files=key_files,
        access_log=build_access_log(level=settings.log_level, form=settings.log_format, output=output),
        clock=clock,
        version=version_running,
        document=lambda: build_document(
            ENDPOINTS, venues=sorted([*catalogue, *catalogue.aliases]), version=version_running
        ),
        render_docs=render_page,
    )
