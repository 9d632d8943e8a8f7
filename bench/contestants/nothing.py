# nothing.py: what starting and ending the interpreter takes.
