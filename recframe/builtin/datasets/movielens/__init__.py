"""MovieLens: `dataset` reads it, `layouts`, `movies` and `users` know its files, `download` fetches them."""
