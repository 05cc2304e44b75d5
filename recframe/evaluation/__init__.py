"""From scores to figures: `ranking` ranks what a scorer gives, `measure` says what metrics.json holds."""
