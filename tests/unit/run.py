"""Runs the tests of one module without pytest, on MicroPython: micropython run.py MODULE.

A test is a function whose name begins with test_; it fails when it raises. Exits with 1 when one failed.
"""

import sys

FOLDER = __file__.rpartition("/")[0]
sys.path[:1] = [FOLDER, FOLDER + "/../.."]


def main(name):
    module = __import__(name)
    tests = sorted(attr for attr in dir(module) if attr.startswith("test_"))
    failed = 0
    for test in tests:
        try:
            getattr(module, test)()
        except Exception as e:
            failed += 1
            print("FAILED", test)
            sys.print_exception(e, sys.stdout)
    print("%d passed, %d failed" % (len(tests) - failed, failed))
    sys.exit(1 if failed or not tests else 0)


main(sys.argv[1])
