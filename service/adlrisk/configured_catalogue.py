"""The catalogue of the bundled cards and those of the folder that the settings name."""

from pathlib import Path

from adlrisk.settings import SettingsError, describe_allowed, variable_of
from adlrisk.venues.card_files import CardError
from adlrisk.venues.catalogue import Catalogue, load_catalogue
from adlrisk.venues.clocks import Clock, system_clock


def load_configured_catalogue(folder: str, *, clock: Clock = system_clock) -> Catalogue:
    """The bundled cards with those of ``folder``, the setting ``cards_dir``; empty: none.

    Raises:
        SettingsError: a card of the folder cannot be used; the message names file and field.
    """
    try:
        return load_catalogue(cards=folder, clock=clock)
    except CardError as error:
        form = "" if Path(folder).is_dir() else f"{describe_allowed('cards_dir')}; "
        raise SettingsError(f"{variable_of('cards_dir')}: {form}{error}") from error
