def now(req):
    return {
        "items": ["one", "two  three", "<four>", "fünf"],
        "attributes": "x  y",
        "flag": True,
        "text": "  a\n    b  \n",
        "html": "<i>  x  </i>  <b>y</b>",
        "points": "0,0 10,10\n20,0",
    }
