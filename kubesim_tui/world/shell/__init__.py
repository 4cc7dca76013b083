"""A small POSIX-like shell whose processes are plain data: text → tree → code → tasks that can be set aside at any step."""
