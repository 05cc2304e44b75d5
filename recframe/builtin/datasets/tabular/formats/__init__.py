"""How a file is read, whatever its ending: `sources` opens it and gives batches of rows."""
