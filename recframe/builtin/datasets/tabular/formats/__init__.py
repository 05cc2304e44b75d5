"""The file formats, one module per format.

A format is a class like `format.Format` and a line in the table of `endings`. It opens a file and returns a
`source.Source`, which has the names of the columns and reads the rows in batches. `paths` finds the files of a path,
and `shards` opens them. `frame` opens a table in Python in the same way.

- csv and tsv: `csv`. `dialect` and `guess` find out how a file is written, and `csv_rows` reads its rows; `quoted`,
  `quoted_lines` and `swallowed` are for rows with quotation marks.
- JSON lines: `json_lines`. `json_rows` reads the rows, `json_object` parses a line, and `json_series` makes a column.
- Parquet and Arrow: `parquet` and `arrow`, with `columnar`.

`text` opens all text files. It decompresses them (`packed`) and decodes them (`encoding`).
"""
