"""Texts that cost tokenizers very different numbers of tokens."""

PRESETS = {
    "A story": "Once upon a time there was a little girl named Lily. She didn't like the rain, but she loved her cat!",
    "One sentence, many scripts": (
        "All human beings are born free and equal in dignity and rights.\n"
        "Alle Menschen sind frei und gleich an Würde und Rechten geboren.\n"
        "Все люди рождаются свободными и равными в своем достоинстве и правах.\n"
        "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.\n"
        "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.\n"
        "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.\n"
        "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।\n"
        "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ\n"
        "人人生而自由，在尊严和权利上一律平等。\n"
        "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。\n"
        "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다."
    ),
    "Python code": (
        "def fibonacci(n: int) -> list[int]:\n    numbers = [0, 1]\n    while len(numbers) < n:\n"
        "        numbers.append(numbers[-1] + numbers[-2])\n    return numbers[:n]\n"
    ),
    "Numbers": "1 12 123 1234 12345 123456\n3.14159 2,718,281 1e-9 0x7F\n9 + 99 = 108; 1999 and 2000 differ by 1",
    "Emoji with joiners": "😀 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇺🇳 ❤️ 👨🏿‍🚀",
    "Blanks and line ends": "a  b    c\td\n\n\n    e \r\nf   ",
    "The name of a special token": "Text that spells <|endoftext|> stays text: <|user|> too.",
}
