"""Runs the tests of this folder whose names contain TEST_NAME, and prints a line for each with its time.

What was counted goes to the file that TEST_COUNTS names: the number of tests, then a line for each that was skipped.
"""

import os
import pathlib
import sys
import time
import unittest


class Result(unittest.TextTestResult):
    """Tells how long each test took."""

    def startTest(self, test):
        self.start = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        print(f"{time.monotonic() - self.start:7.1f} s  {test.id()}", flush=True)


def single_tests(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from single_tests(test)
        else:
            yield test


def main():
    name = os.environ.get("TEST_NAME", "").lower().replace(" ", "_")
    found = unittest.defaultTestLoader.discover(str(pathlib.Path(__file__).parent))
    # A module that cannot be imported is a test that fails, whatever its name.
    wanted = [test for test in single_tests(found) if name in test.id().lower() or "_FailedTest" in test.id()]
    result = unittest.TextTestRunner(resultclass=Result, verbosity=0).run(unittest.TestSuite(wanted))
    lines = [str(result.testsRun - len(result.skipped)), *(f"{test.id()} ({reason})" for test, reason in result.skipped)]
    if "TEST_COUNTS" in os.environ:
        pathlib.Path(os.environ["TEST_COUNTS"]).write_text("\n".join(lines))
    sys.exit(not result.wasSuccessful())


main()
