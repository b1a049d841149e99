"""The functions that GetArrToken is compared with. Each module becomes the ``__init__.py`` of its own function app."""
