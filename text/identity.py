"""Identity card numbers and their check digits."""

from __future__ import annotations

from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
CENTURIES = ("19", "20")
PROVINCES = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
"""First and last of each row of the two digits with which a number begins."""

NO_LETTER = 36
"""What stands before the only letter of a Hong Kong number, in its sum."""


def has_valid_check_digit(number: str) -> bool:
    """Of 17 digits and the check digit, GB 11643."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11] == number[17].upper()


def is_resident_card(number: str) -> bool:
    """18 characters, whatever stands for the X."""
    number = number if number[17].isdigit() else f"{number[:17]}X"
    return number[6:8] in CENTURIES and _is_day(number[6:14]) and has_valid_check_digit(number)


def is_old_card(number: str) -> bool:
    """15 digits without a check digit, as given out before 1999."""
    province = int(number[:2])
    return any(first <= province <= last for first, last in PROVINCES) and _is_day(f"19{number[6:12]}")


def is_hong_kong_card(number: str) -> bool:
    """One or two letters, six digits, and the digit that stands in brackets."""
    letters, digits = number[:-7], number[-7:]
    values = [NO_LETTER] if len(letters) == 1 else []
    values += [ord(letter.upper()) - ord("A") + 10 for letter in letters]
    values += [10 if digit.upper() == "A" else int(digit) for digit in digits]
    return sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0


def _is_day(text: str) -> bool:
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return False
    return True
