"""What several pages are built from: controls, icons, notices, times."""
