"""What the readers of foreign scripts share: a drawing with lines of Python, functions that stand alone, rules, shapes and tasks."""
