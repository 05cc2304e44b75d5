"""Made-up interactions: `dataset` draws the viewers, `catalogue` the items."""
