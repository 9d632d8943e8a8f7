# nothing.py: what starting the interpreter takes.
print("probe 0")
