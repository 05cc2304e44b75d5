"""This process: native output, locks that a fork leaves free, free memory, and the pace of long work."""
