"""unittest that speaks TAP, one line a case as the C tests do, so that tests/run counts the cases."""
import unittest


class Result(unittest.TextTestResult):
    def say(self, word, test):
        print(f"{word} - {test.id().rpartition('.')[2].removeprefix('test_')}")

    def addSuccess(self, test):
        super().addSuccess(test)
        self.say("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say("not ok", test)

    def addError(self, test, err):
        super().addError(test, err)
        self.say("not ok", test)


def main():
    unittest.main(testRunner=unittest.TextTestRunner(resultclass=Result, verbosity=0))
