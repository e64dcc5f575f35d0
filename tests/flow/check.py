"""Cases and rows: a case goes on after a row that fails, and every failing row is printed with its place."""
import inspect
import os
import threading
import time
import traceback

_here = threading.local()
_cases = {}


class Stop(Exception):
    """What follows in this case makes no sense any more."""


def case(function):
    """One case of the subject that its file is; cases run in the order of the file."""
    _cases.setdefault(function.__module__, []).append(function)
    return function


def cases_of(subject):
    return _cases.get(subject, [])


def say(text):
    """A line of the subject's output, printed when the case fails or all is printed."""
    _here.lines.append(text)


def show(text):
    """A line that is always printed."""
    _here.shown.append(text)


def check(row, good, found=""):
    """One row. found: what there was instead."""
    _here.rows += 1
    if good:
        return True
    at = inspect.stack()[1]
    _here.failed.append(row)
    say(f"  FAIL {_here.name}: {row} ({os.path.basename(at.filename)}:{at.lineno}) {str(found)[:1500]}")
    return False


def same(row, found, want):
    if not found == want:
        at = inspect.stack()[1]
        _here.rows += 1
        _here.failed.append(row)
        say(f"  FAIL {_here.name}: {row} ({os.path.basename(at.filename)}:{at.lineno}) is {str(found)[:700]!r}, wanted {str(want)[:700]!r}")
        return False
    _here.rows += 1
    return True


def need(row, good, found=""):
    """A row without which the case ends."""
    if not check(row, good, found):
        raise Stop()


def soon(question, seconds=20.0):
    """Waits until the question has a true answer; the last answer."""
    until = time.monotonic() + seconds
    while True:
        answer = question()
        if answer or time.monotonic() > until:
            return answer
        time.sleep(0.02)


def run_case(name, function, *args):
    """(rows, failed rows, lines of output, lines to print in any case, seconds)"""
    _here.name, _here.rows, _here.failed, _here.lines, _here.shown = name, 0, [], [], []
    began = time.monotonic()
    try:
        function(*args)
    except Stop:
        pass
    except Exception as error:  # a fault of the test, or something that no row expects: it counts as one
        _here.failed.append("exception")
        frames = [f for f in traceback.extract_tb(error.__traceback__) if os.path.dirname(f.filename) == os.path.dirname(__file__)][1:]
        way = " > ".join(f"{os.path.basename(f.filename)}:{f.lineno}" for f in frames)
        say(f"  FAIL {name}: {type(error).__name__} at {way}: {str(error)[:3000]}")
    return _here.rows, _here.failed, _here.lines, _here.shown, time.monotonic() - began
