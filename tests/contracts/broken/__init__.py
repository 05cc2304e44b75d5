"""Contributions that each break one demand of their contract. A module for each kind adds its own to BROKEN."""

from tests.contracts.broken import commands, datasets, encoders, exporters, features, losses
from tests.contracts.broken.listing import BROKEN
from tests.contracts.broken.plugin import Plugin

__all__ = ["BROKEN", "Plugin", "commands", "datasets", "encoders", "exporters", "features", "losses"]
