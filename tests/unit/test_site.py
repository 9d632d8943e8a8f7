"""picoweb.site: tables that can not be used. Runs on MicroPython and CPython."""

import os

from picoweb.errors import HTTPError
from picoweb.site import Site, TableError, read_table

NAME = "test-routes-%d.json"


def error_of(number, text):
    """What read_table() says of a file with this text, None when it is fine."""
    name = NAME % number
    if text is not None:
        with open(name, "w") as f:
            f.write(text)
    try:
        read_table(name)
    except TableError as e:
        return str(e).replace(name, "routes.json")
    finally:
        if text is not None:
            os.remove(name)


def test_a_table_that_can_not_be_used_is_told_in_one_line():
    for number, (text, expected) in enumerate(
        (
            (None, "routes.json is missing: upload the site again"),
            ("", "routes.json is broken: upload the site again"),
            ('{"picoweb":1,', "routes.json is broken: upload the site again"),
            ("[]", "routes.json has version None, this picoweb reads 1: build and upload again"),
            ('{"picoweb":2}', "routes.json has version 2, this picoweb reads 1: build and upload again"),
            ('{"picoweb":1}', None),
        )
    ):
        assert expected == error_of(number, text), text


def test_a_site_without_a_table_finds_nothing_and_says_so():
    try:
        Site(None).find("/", "GET")
    except HTTPError as e:
        assert e.status == 500
        return
    raise AssertionError("no error")
