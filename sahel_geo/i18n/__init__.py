"""Every word that a person reads: sentences, the catalogues of their languages, numbers and dates.

`sentence` is what other rooms use to write a text, `language` tells which languages there are.
"""
