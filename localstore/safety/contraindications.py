"""Medicines and vaccines that are contraindicated, or to be thought over, in pregnancy. A short list, pure tables.

It holds what a general practice meets and what is beyond doubt; that a medicine is not in it says nothing. Sources:
CRAT (Centre de référence sur les agents tératogènes, lecrat.fr), ANSM, and for vaccines the Calendrier des
vaccinations. Weeks are weeks of amenorrhoea, as counted in France.
"""

import re
from typing import NamedTuple

from localstore.safety.cautions import Severity
from localstore.safety.naming import Named, is_of

DANGER, DOUBT = Severity.DANGER, Severity.DOUBT


class Contraindication(NamedTuple):
    """From week `week` on (0: from the beginning), for these ATC groups, families or substances. `words` say why.
    `except_atc`, `except_text` (of the folded name) mark what is not meant."""

    key: str
    words: str
    severity: Severity
    source: str
    week: int = 0
    atc: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    except_atc: tuple[str, ...] = ()
    except_text: re.Pattern[str] | None = None

    def is_about(self, given: Named, text: str) -> bool:
        """Whether it is about what is named; `text` is its folded name."""
        if self.except_text is not None and self.except_text.search(text):
            return False
        meant = not given.atc or not all(code.startswith(self.except_atc or ("-",)) for code in given.atc)
        return meant and is_of(given, self.atc, self.families, self.substances)


# An antiplatelet dose of aspirin, which is allowed: ANSM, 26/01/2017, speaks of 500 mg a day and more.
_LOW_DOSE_ASPIRIN = re.compile(
    r"\b(?:kardegic|duoplavin|asasantine|pravadual)\b"
    r"|\b(?:aspirine?|acetylsalicyli\w+) (?:\w+ ){0,2}(?:75|100|160) ?mg\b"
)

CONTRAINDICATIONS = (
    Contraindication(
        "retinoids",
        "it causes malformations in one child of four",
        DANGER,
        "ANSM, Rétinoïdes oraux, 2018; CRAT",
        atc=("D10BA01", "D05BB02", "D11AH04"),
        substances=("isotretinoine", "acitretine", "alitretinoine"),
    ),
    Contraindication(
        "valproate",
        "it causes malformations and disturbs the development of the brain",
        DANGER,
        "ANSM, Valproate et dérivés, 2018; Antiépileptiques et grossesse, 2023",
        atc=("N03AG01", "N03AG02"),
        substances=("valproate",),
    ),
    Contraindication(
        "topiramate",
        "it causes malformations and may disturb the development of the brain",
        DANGER,
        "ANSM, Antiépileptiques et grossesse, 2023",
        atc=("N03AX11",),
        substances=("topiramate",),
    ),
    Contraindication(
        "antiepileptics",
        "it may cause malformations; epilepsy that is not treated is dangerous too",
        DOUBT,
        "ANSM, Antiépileptiques et grossesse, 2023",
        atc=("N03AF01", "N03AA02", "N03AA03", "N03AB02", "N03AX16", "N02BF02"),
        substances=("carbamazepine", "phenobarbital", "phenytoine", "pregabaline"),
    ),
    Contraindication(
        "antimetabolites",
        "it kills the embryo or causes malformations",
        DANGER,
        "CRAT; RCP, 4.3",
        atc=("L01BA01", "L04AX03", "L01AA01", "L04AA06", "L04AA13", "L04AK01", "L04AA31", "L04AK02"),
        substances=("methotrexate", "cyclophosphamide", "mycophenolate", "leflunomide", "teriflunomide"),
    ),
    Contraindication(
        "immunomodulators",
        "it causes malformations",
        DANGER,
        "ANSM; RCP, 4.3",
        atc=("L04AX02", "L04AX04", "L04AX06", "L04AA27", "L04AE01"),
        substances=("thalidomide", "lenalidomide", "pomalidomide", "fingolimod"),
    ),
    Contraindication(
        "misoprostol",
        "it ends the pregnancy or causes malformations",
        DANGER,
        "CRAT; RCP, 4.3",
        atc=("A02BB01", "G02AD06"),
        substances=("misoprostol",),
    ),
    Contraindication(
        "renin",
        "it harms the kidneys of the fetus, and is contraindicated from the second trimester on",
        DANGER,
        "ANSM, IEC et ARA II, contre-indication pendant la grossesse; CRAT",
        atc=("C09",),
        families=("aceinhibitors", "sartans"),
        substances=("aliskiren", "sacubitril"),
    ),
    Contraindication(
        "nsaids",
        "from 24 weeks on, one dose can close the ductus arteriosus or stop the kidneys of the fetus",
        DANGER,
        "ANSM, AINS et grossesse: contre-indication à partir du 6e mois, 26/01/2017",
        week=24,
        atc=("M01A", "N02BA"),
        families=("nsaids",),
        except_atc=("B01AC06", "M02AA"),
        except_text=_LOW_DOSE_ASPIRIN,
    ),
    Contraindication(
        "coxibs",
        "it is contraindicated throughout",
        DANGER,
        "ANSM, AINS et grossesse, 2017; RCP, 4.3",
        atc=("M01AH",),
        substances=("celecoxib", "etoricoxib", "parecoxib"),
    ),
    Contraindication(
        "vka",
        "it causes malformations and bleeding of the fetus; heparin takes its place",
        DANGER,
        "CRAT; RCP des AVK, 4.3 et 4.6",
        atc=("B01AA",),
        families=("vitaminkantagonists",),
    ),
    Contraindication(
        "doac",
        "it is not to be taken in pregnancy; heparin takes its place",
        DANGER,
        "RCP, 4.6; EHRA 2021",
        atc=("B01AE07", "B01AF"),
        families=("directanticoagulants",),
    ),
    Contraindication(
        "endothelin",
        "it causes malformations",
        DANGER,
        "RCP, 4.3",
        atc=("C02KX01", "C02KX02", "C02KX04"),
        substances=("bosentan", "ambrisentan", "macitentan"),
    ),
    Contraindication(
        "ribavirin", "it causes malformations", DANGER, "RCP, 4.3", atc=("J05AP01",), substances=("ribavirine",)
    ),
    Contraindication(
        "androgens",
        "it changes the sex organs of the fetus",
        DANGER,
        "RCP, 4.3",
        atc=("G03B", "G03XA01", "G04CB"),
        substances=("danazol", "finasteride", "dutasteride"),
    ),
    Contraindication(
        "tetracyclines",
        "from the second trimester on, it stains the teeth of the child",
        DANGER,
        "CRAT; RCP, 4.3",
        week=14,
        atc=("J01AA",),
        families=("tetracyclines",),
    ),
    Contraindication(
        "lithium",
        "it may cause malformations of the heart; stopping it needs a specialist's opinion",
        DOUBT,
        "CRAT; RCP, 4.6",
        atc=("N05AN01",),
        substances=("lithium",),
    ),
    Contraindication(
        "statins",
        "it is usually stopped in pregnancy",
        DOUBT,
        "RCP, 4.3; CRAT",
        atc=("C10AA", "C10B"),
        families=("statins",),
    ),
    Contraindication(
        "vaccines",
        "vaccines of living viruses are contraindicated in pregnancy",
        DANGER,
        "Calendrier des vaccinations et recommandations vaccinales, ministère de la Santé",
        atc=("J07BD", "J07BE", "J07BJ", "J07BK01", "J07BK02"),
    ),
)
# Vaccines of living viruses by the words of their names.
LIVING_VACCINES = frozenset({"ror", "mmr", "priorix", "mmrvaxpro", "varivax", "varilrix", "varicelle", "varicella"})
