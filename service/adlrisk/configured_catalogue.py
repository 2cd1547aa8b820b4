"""The catalogue of the bundled cards and those of the folder that the settings name."""

from adlrisk.settings import SettingsError, variable_of
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
        raise SettingsError(f"{variable_of('cards_dir')}: {error}") from error
