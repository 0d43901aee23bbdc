"""A short text in many scripts, long enough to learn from."""

TEXT = (
    "Mia put the red kite in the box. “Where is the kite?” asked Ben. The kite isn't in the shed!\n\n"
    "Τα παιδιά 1234 + 5678 = 6912; naïve café — 漢字漢字 🎈🎈🎈\tdef f(x):\r\n    return x\n"
) * 6
