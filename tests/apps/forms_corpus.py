# Compares picoweb.forms with what urllib says, on either Python; run in the project's folder:
#     forms_corpus.py FILE
# Each line of the file is [query, without blank values, with them] in JSON.
import json
import sys

sys.path.insert(0, ".")

from picoweb.forms import parse_qs

n = 0
with open(sys.argv[1]) as f:
    for line in f:
        query, plain, blank = json.loads(line)
        assert parse_qs(query) == plain, (query, parse_qs(query), plain)
        assert parse_qs(query, True) == blank, (query, parse_qs(query, True), blank)
        n += 1
print(n)
