"""The fixtures that recframe.testing gives to authors of plugins."""
