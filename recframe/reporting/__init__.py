"""What people look at: the terminal's tables and bars, report.html, and comparisons of runs."""
