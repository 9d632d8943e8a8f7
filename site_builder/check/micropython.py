"""Which modules a board has: those of MicroPython 1.19 to 1.29 on its ports, and what to do about others."""

from __future__ import annotations

# Built into MicroPython, on the boards whose ports have them. Most can also be imported with a "u" in front.
_BUILT_IN = """
    __main__ _asyncio _onewire _thread _uasyncio array asyncio binascii bluetooth btree builtins cmath collections
    cryptolib deflate errno framebuf gc hashlib heapq io json lwip machine marshal math micropython network onewire
    openamp os platform random re rp2 select socket ssl stm struct sys time tls uctypes utime uzlib vfs websocket
    weakref zephyr zlib alif cc3200 esp esp32 espnow flashbdev inisetup mimxrt nrf pyb qemu renesas rp2 samd stm wipy
    webrepl_setup zsensor ubluepy music microbit ble board lcd160cr
"""
# Frozen into the firmware of many boards: drivers and network helpers.
_FROZEN = """
    aioble aioespnow apa102 apa106 bundle_networking dht ds18x20 neopixel ntptime onewire requests mip upip
    upip_utarfile upysh urequests umqtt urllib webrepl websocket_helper espidf dhcpserver lsm6dsox lps22h hts221
    sdcard ssd1306 uasyncio usb usbd
"""
MODULES = {*_BUILT_IN.split(), *_FROZEN.split()}
MODULES |= {f"u{name}" for name in _BUILT_IN.split() if not name.startswith("_")}

# Of micropython-lib: a board gets them with `mpremote mip install NAME`.
_PACKAGES = """
    abc argparse base64 bisect cmd contextlib copy curses datetime fnmatch functools glob gzip hmac html inspect
    itertools keyword locale logging operator pathlib pickle pkg_resources pkgutil pprint quopri shutil stat string
    tarfile tempfile textwrap threading traceback types unittest uu venv warnings
    aiohttp aioprof aiorepl bmi270 cbor2 espflash iperf3 jwt lora mhz19 nrf24l01 pyjwt senml ucontextlib udnspkt
    uaiohttpclient utarfile utop wm8960
"""
PACKAGES = {*_PACKAGES.split()}

# What is not there at all, and what does the work instead.
INSTEAD = {
    "aiofiles": "open() is quick enough for small files",
    "concurrent": "use asyncio",
    "configparser": "keep settings as JSON, with json",
    "csv": "use split(',')",
    "ctypes": "use uctypes",
    "dataclasses": "write a class with __init__",
    "decimal": "use int or float",
    "email": "",
    "enum": "use plain constants",
    "flask": "picoweb answers requests",
    "fractions": "use int or float",
    "http": "picoweb is the server; for a client use requests",
    "httpx": "use requests",
    "importlib": "use __import__",
    "jinja2": "templates are compiled on your computer",
    "logging": "import ulogging, which is bundled",
    "microdot": "picoweb answers requests",
    "multiprocessing": "use asyncio",
    "numpy": "use array and math",
    "pandas": "use lists and dicts",
    "queue": "use a list and asyncio.Event",
    "secrets": "use os.urandom",
    "serial": "use machine.UART",
    "signal": "",
    "smbus": "use machine.I2C",
    "smbus2": "use machine.I2C",
    "spidev": "use machine.SPI",
    "sqlite3": "keep small data as JSON, or use btree",
    "statistics": "sum(values) / len(values) is the mean",
    "subprocess": "",
    "threading": "use asyncio, or _thread",
    "typing": "leave annotations out, or put quotes around them",
    "uuid": "use binascii.hexlify(os.urandom(16))",
    "yaml": "use json",
    "RPi": "use machine.Pin",
    "Adafruit_DHT": "use dht",
    "gpiozero": "use machine.Pin",
}
