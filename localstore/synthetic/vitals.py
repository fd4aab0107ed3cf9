"""What is measured in the consulting room: blood pressure, pulse, weight, breath."""

from datetime import date

from localstore.synthetic import growth
from localstore.synthetic.codes import blood_pressure, french, measurement
from localstore.synthetic.draw import bell, whole
from localstore.synthetic.labs import gap
from localstore.synthetic.life import Life

PREGNANCY_GAIN = 0.38  # kg a week after the twelfth


def weight(life: Life, day: date) -> float:
    """Weight in kg on that day, with what is gained in pregnancy and the day's noise."""
    age = life.age(day)
    base = growth.weight(life.frame, age)
    for start, end in life.pregnancies:
        if start <= day <= end:
            base += PREGNANCY_GAIN * max(0.0, (day - start).days / 7 - 12)
    noise = 0.012 if age < 3 else 0.006
    return base * (1 + bell(life.rng, 0, noise))


def height(life: Life, day: date) -> float:
    """Height in cm on that day, to the half centimetre."""
    return round(growth.height(life.frame, life.age(day)) * 2) / 2


def pressure(life: Life, day: date) -> tuple[int, int]:
    """Systolic and diastolic pressure in mmHg."""
    age = life.age(day)
    if age < 16:
        return round(bell(life.rng, 88 + 1.7 * age, 4)), round(bell(life.rng, 54 + 0.8 * age, 3))
    if life.has("hta", day):
        missing = gap(life, "hta", day)
        systolic = bell(life.rng, 131, 4.5) if missing == 0 else bell(life.rng, 149 + 6 * missing, 5)
        diastolic = bell(life.rng, 77 if missing == 0 else 91, 4) - max(0, age - 70) * 0.35
    else:
        systolic = bell(life.rng, 114 + 0.22 * (age - 18), 5)
        diastolic = bell(life.rng, 71 + 0.12 * (min(age, 60) - 18), 4)
    if life.pregnant(day):
        systolic, diastolic = min(systolic, 124) - 4, min(diastolic, 76) - 4
    # A person reading a gauge writes even numbers.
    return round(systolic / 2) * 2, round(diastolic / 2) * 2


def pulse(life: Life, day: date) -> int:
    """Heart rate a minute."""
    slowed = any("bêtabloquant" in course.medicine.classes for course in life.courses if course.start < day)
    return round(bell(life.rng, 62 if slowed else 74, 4))


def saturation(life: Life, day: date) -> int:
    """Oxygen saturation in percent, breathing air."""
    return whole(life.rng, 92, 95) if life.has("bpco", day) else whole(life.rng, 96, 99)


def peak_flow(life: Life, day: date, well: bool = True) -> int:
    """Peak expiratory flow in L/min, in tens."""
    tall = growth.height(life.frame, life.age(day))
    age = life.age(day)
    if age < 18:
        expected = 5.2 * (tall - 100) + 100
    else:
        expected = (5.6 if life.sex == "male" else 4.2) * (tall - 80) - 1.8 * max(0, age - 35)
    return round(expected * bell(life.rng, 0.93 if well else 0.68, 0.03) / 10) * 10


def record(life: Life, day: date, *, weigh: bool = True, restricted: bool = False) -> str:
    """Write pressure, and weight when asked; returns how a consultation quotes them."""
    systolic, diastolic = pressure(life, day)
    life.add(day, blood_pressure(systolic, diastolic), restricted)
    quoted = f"PA {systolic}/{diastolic} mmHg, FC {pulse(life, day)}/min"
    if weigh:
        value = weight(life, day)
        life.add(day, measurement("poids", value), restricted)
        quoted += f", poids {french(value, 1)} kg"
    return quoted + "."
