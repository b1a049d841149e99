"""What GetArrToken is measured against; each module becomes the ``__init__.py`` of a function app of its own."""
