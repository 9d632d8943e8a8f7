"""What the board says of itself. What it cannot tell is None, and the page leaves it out."""

import gc
import os
import sys
import time

try:
    import machine
except ImportError:  # a computer
    machine = None
try:
    import network
except ImportError:  # no Wi-Fi
    network = None

# Set the clock before the site starts, for example in boot.py with ntptime: a later jump would count as time.
started = time.time()


def board():
    """ "Raspberry Pi Pico W with RP2040", or the system of a computer."""
    return getattr(sys.implementation, "_machine", sys.platform).split(" [")[0]


def python():
    """ "MicroPython 1.26.0"."""
    name = sys.implementation.name.replace("micropython", "MicroPython").replace("cpython", "CPython")
    return name + " %d.%d.%d" % tuple(sys.implementation.version[:3])


def memory():
    """(used, all) bytes of the heap, None on CPython."""
    if not hasattr(gc, "mem_free"):
        return None
    gc.collect()
    used = gc.mem_alloc()
    return used, used + gc.mem_free()


def storage():
    """(used, all) bytes of the flash, or of the disk of a computer."""
    try:
        disk = os.statvfs("/")
    except (OSError, AttributeError):
        return None
    return (disk[2] - disk[3]) * disk[1], disk[2] * disk[1]


def frequency():
    """The processor's clock in MHz."""
    if not hasattr(machine, "freq"):
        return None
    hertz = machine.freq()
    if isinstance(hertz, tuple):  # boards with several clocks
        hertz = hertz[0]
    return hertz // 1000000


def wifi():
    """(address, signal in dBm) while the Wi-Fi is connected, else (None, None)."""
    try:
        wlan = network.WLAN(network.STA_IF)
        if wlan.isconnected():
            return wlan.ifconfig()[0], wlan.status("rssi")
    except (AttributeError, OSError, ValueError):  # no Wi-Fi, or it does not tell
        pass
    return None, None


def status(req):
    """The facts as numbers, for programs."""
    address, signal = wifi()
    return {
        "board": board(),
        "python": python(),
        "uptime": int(time.time() - started),
        "memory": memory(),
        "storage": storage(),
        "frequency": frequency(),
        "address": address,
        "signal": signal,
    }


# The same in words, for people.


def duration(seconds):
    """3700 -> "1 h 1 min"."""
    minutes = seconds // 60
    if minutes < 1:
        return "%d s" % seconds
    if minutes < 60:
        return "%d min" % minutes
    if minutes < 48 * 60:
        return "%d h %d min" % (minutes // 60, minutes % 60)
    return "%d days" % (minutes // 1440)


def size(count):
    """120000 -> "117 KB"."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return "%.*f %s" % (unit == "MB" and count < 10, count, unit)
        count /= 1024
    return "%.1f GB" % count


def gauge(name, pair):
    """A bar of the page: its name, how much is free, and how many percent are used."""
    used, total = pair
    return {"name": name, "free": size(total - used), "total": size(total), "percent": 100 * used // max(total, 1)}


def page(req):
    """The values of templates/index.html."""
    now = status(req)
    facts = (
        ("Clock", "%d-%02d-%02d %02d:%02d" % tuple(time.localtime()[:5])),
        ("Python", now["python"]),
        ("Processor", now["frequency"] and "%d MHz" % now["frequency"]),
        ("Address", now["address"]),
        ("Wi-Fi signal", now["signal"] and "%d dBm" % now["signal"]),
    )
    gauges = (("Memory", now["memory"]), ("Storage", now["storage"]))
    return {
        "board": now["board"],
        "uptime": duration(now["uptime"]),
        "gauges": [gauge(name, pair) for name, pair in gauges if pair],
        "facts": [fact for fact in facts if fact[1]],
    }
