"""MovieLens: `dataset` makes interactions; `layouts`, `movies` and `users` read the files; `download` fetches them."""
