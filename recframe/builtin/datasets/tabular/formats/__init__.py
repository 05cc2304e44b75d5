"""How files are read, one module a format.

A format is a class such as `format.Format` and a line in the table of `endings`. It opens a file and gives a
`source.Source`: the names of the columns, and the rows in batches. `paths` finds the files of a path and `shards` opens
them; `frame` opens a table of Python in the same way.

- csv and tsv: `csv`, with `dialect` and `guess` for how a file is written, `csv_rows` for its rows, and `quoted`,
  `quoted_lines` and `swallowed` for those with quotation marks;
- JSON lines: `json_lines`, with `json_rows` for its rows, `json_object` for a line and `json_series` for a column;
- Parquet and Arrow: `parquet` and `arrow`, both by `columnar`.

Text of all kinds is opened by `text`, which decodes it (`encoding`) and unpacks it (`packed`).
"""
