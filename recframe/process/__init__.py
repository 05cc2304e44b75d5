"""This process: what C++ writes past Python, locks that a fork leaves free, free memory, and how fast work goes on."""
