"""Texts that no Wekinator wrote: each must be refused in one sentence, quickly and without running or fetching."""

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><{root}>&i;</{root}>"
)

XML = {
    "an entity bomb": BOMB,
    "a file as an entity": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><{root}>&f;</{root}>',
    "a document type from the net": '<!DOCTYPE {root} SYSTEM "http://192.0.2.1/x.dtd"><{root}/>',
    "an empty document type": "<!DOCTYPE {root}><{root}/>",
    "an entity that nobody declared": "<{root}><name>&f;</name></{root}>",
    "nothing": "",
    "cut off": "<{root}><name>a</na",
    "no XML": "PK\3\4 \0\0\xff",
    "another root": "<html><{root}/></html>",
    "very deep": "<{root}>" + "<a>" * 5000 + "</a>" * 5000 + "</{root}>",
    "very many": "<{root}>" + "<a/>" * 250_000 + "</{root}>",
    "a zero byte": "<{root}>&#0;</{root}>",
    "half a letter": "<{root}>&#xD800;</{root}>",
}
"""For `.replace("{root}", ...)`."""

COUNTS = ["0", "-1", "99999999999", "1e9", "1e400", "nan", "Infinity", "3.5", "0x3", "", "٣", "9" * 5000, "1_0"]
"""None of them is how many outputs, classes or inputs there can be."""

ARFF = {
    "nothing": "",
    "no data": "@relation a\n@attribute b numeric\n",
    "no columns": "@relation a\n@data\n1\n",
    "a sparse row": "@relation a\n@attribute b numeric\n@data\n{0 1}\n",
    "a weight": "@relation a\n@attribute b numeric\n@data\n1,{5}\n",
    "too few values": "@relation a\n@attribute b numeric\n@attribute c numeric\n@data\n1\n",
    "too many values": "@relation a\n@attribute b numeric\n@data\n1,2\n",
    "a word for a number": "@relation a\n@attribute b numeric\n@data\nyes\n",
    "a class that is not": "@relation a\n@attribute b {0,1}\n@data\n2\n",
    "an open quote": "@relation a\n@attribute b string\n@data\n'abc\n",
    "text after a quote": "@relation a\n@attribute b string\n@data\n'abc'd\n",
    "an unknown type": "@relation a\n@attribute b relational\n@data\n1\n",
    "digits of another script": "@relation a\n@attribute b numeric\n@data\n١\n",
    "odd white space": "@relation a\n\x1c\x1d\x85\n\x0b!\n",
    "an empty value": "@relation a\n@attribute b numeric\n@attribute c numeric\n@data\n1,\n",
}

JAVA = {
    "nothing": b"",
    "only the head": b"\xac\xed\0\5",
    "an object first": b"\xac\xed\0\5sr\0\x0bjava.lang.X",
    "a string that is cut off": b"\xac\xed\0\5\x74\xff\xff<Path>",
    "a string of exabytes": b"\xac\xed\0\5\x7c\xff\xff\xff\xff\xff\xff\xff\xff<Path>",
    "half a letter": b"\xac\xed\0\5\x74\0\3\xed\xa0\x80\x74\0\4null",
    "no text": b"\xac\xed\0\5\x74\0\2\xff\xfe\x74\0\4null",
    "no second string": b"\xac\xed\0\5\x74\0\1a",
    "a block that is cut off": b"\xac\xed\0\5\x74\0\1a\x74\0\4null\x74\0\x09instances\x7a\x7f\xff\xff\xffabc",
}

JSON = {
    "nothing": "",
    "a list": "[]",
    "no models": '{"metadata": {}}',
    "models that are none": '{"modelSet": [1]}',
    "very deep": '{"modelSet": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "endless digits": '{"modelSet": [{"a": ' + "9" * 10_000 + "}]}",
}
