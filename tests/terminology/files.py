"""Files as their owners publish them, in small: the public drug database and two tables of codes."""

from pathlib import Path

MEDICINES = (
    "60234100\tDOLIPRANE 1000 mg, comprimé\tcomprimé\torale\tAutorisation active\tProcédure nationale\tCommercialisée"
    "\t30/08/2002\t\t\t OPELLA\tNon\r\n"
    "61266250\tCLAMOXYL 500 mg, gélule\tgélule\torale\tAutorisation active\tProcédure nationale\tCommercialisée"
    "\t12/03/1990\t\t\t GSK\tNon\r\n"
    "62170486\tCŒLIOXYL’ 20 mg, gélule\tgélule\torale\tAutorisation active\tProcédure nationale\tCommercialisée"
    "\t12/03/1990\t\t\t X\tOui\r\n"
)
BOXES = "60234100\t2160119\tplaquette de 8 comprimés\tActive\tDéclaration\t19/09/2011\t3400921601196\toui\t65%\n"
SUBSTANCES = (
    "60234100\tcomprimé\t02202\tPARACÉTAMOL\t1000 mg\tun comprimé\tSA\t1\t\r\n"
    "61266250\tgélule\t09310\tAMOXICILLINE TRIHYDRATÉE\t\tune gélule\tSA\t3\t\r\n"
    "61266250\tgélule\t01234\tAMOXICILLINE\t500 mg\tune gélule\tFT\t3\t\r\n"
)
GROUPS = "61266250\tJ01CA04\tCLAMOXYL 500 mg, gélule\thttps://exemple.invalid\r\n"
ATC = (
    "Code ATC;Libellé\nJ01CA;Pénicillines à large spectre\nJ01CA01;Ampicilline\n"
    "J01CA04;Amoxicilline\nN02BE01;Paracétamol\n"
)
CISP2 = "A03\tFièvre\nT90\tDiabète non insulino-dépendant\nW78\tGrossesse\n"


def write(folder: Path) -> dict[str, Path]:
    """The files, by name, in the encodings that they have in the world."""
    contents = {
        "CIS_bdpm.txt": MEDICINES.encode("cp1252"),
        "CIS_CIP_bdpm.txt": BOXES.encode("utf-8"),
        "CIS_COMPO_bdpm.txt": SUBSTANCES.encode("cp1252"),
        "CIS_MITM.txt": GROUPS.encode("cp1252"),
        "atc.csv": ATC.encode("utf-8-sig"),
        "cisp2.txt": CISP2.encode("cp1252"),
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return {name: folder / name for name in contents}
