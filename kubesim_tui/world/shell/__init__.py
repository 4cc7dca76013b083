"""A small POSIX-like shell whose processes are plain data: text → tree → code → tasks that can rest at any step."""
