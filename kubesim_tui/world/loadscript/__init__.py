"""Scripts of load generators, as far as they say what is asked for, by how many, and with what rests between.

A script is a program in a real language, and is not run: what counts for traffic are the requests that it makes, how
often it makes each, how long its users rest, and the settings that it brings along. Those are found where such scripts
have them; what depends on more than that (branches, answers, data files) is left out.
"""
