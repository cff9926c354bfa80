"""The package's table of time zones against Python's zoneinfo, with the tzdata of the same release."""

import datetime
import importlib.resources
import pathlib
import unittest
import zoneinfo

import tables

CHANGES = pathlib.Path(__file__).parents[2] / "target/zone-changes.txt"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
STEP = 9 * 86_400
SPANS = [(-2_208_988_800, 4_133_980_800), (16_693_776_000, 16_756_848_000), (253_087_372_800, 253_370_764_800)]


def offset_at(zone, moment):
    return int((EPOCH + datetime.timedelta(seconds=moment)).astimezone(zone).utcoffset().total_seconds())


def change_between(zone, before, after):
    """The first moment with another offset than at `before`."""
    offset = offset_at(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if offset_at(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def changes(zone):
    """What `cargo xtask test` wrote for the engine: the offset at the start of each span, and each change in it."""
    found = []
    for start, end in SPANS:
        offset = offset_at(zone, start)
        found.append((start, offset))
        for before in range(start, end, STEP):
            following = offset_at(zone, before + STEP)
            if following != offset:
                moment = change_between(zone, before, before + STEP)
                found.append((moment, offset_at(zone, moment)))
            offset = following
    return found


class Zones(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.release, *lines = CHANGES.read_text().splitlines()
        cls.table = {}
        for line in lines:
            name, *pairs = line.split(" ")
            cls.table[name] = [tuple(map(int, pair.split(":"))) for pair in pairs]
        # The pinned tzdata, and never what the system has.
        zoneinfo.reset_tzpath(to=[])

    def test_both_are_of_the_same_release(self):
        zones = importlib.resources.files("tzdata").joinpath("zoneinfo/tzdata.zi").read_text()
        self.assertEqual(zones.split("\n")[0], f"# version {self.release}")

    def test_both_know_the_same_names(self):
        self.assertEqual(set(self.table) ^ zoneinfo.available_timezones(), set())

    def test_every_zone_changes_when_and_as_zoneinfo_says(self):
        wrong = {}
        for name, ours in tables.sample(sorted(self.table.items()), 60):
            theirs = changes(zoneinfo.ZoneInfo(name))
            if ours != theirs:
                wrong[name] = sorted(set(ours) ^ set(theirs))[:6]
        self.assertEqual(wrong, {})


if __name__ == "__main__":
    unittest.main()
