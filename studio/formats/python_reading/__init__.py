"""What a Python script would make, found out without running it: a bounded interpreter over `ast` that every reader of scripts shares."""
