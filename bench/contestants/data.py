# What all programs show: the rows of the page, the readings of the JSON answer. Runs on MicroPython and CPython.
NOW = {"name": "greenhouse", "temperature": 21.5, "humidity": 48, "watering": False}
ROWS = [{"n": n, "name": "sensor %s" % n, "value": 20 + n / 4} for n in range(1, 21)]  # noqa: UP031
