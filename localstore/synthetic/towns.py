"""Real communes with their INSEE and postal codes, countries of birth, streets. Tables, and the rules of birth codes.

The seats of departments were compared with the INSEE table of departments. A place of birth is written as the number
of the birth register writes it (13-character INS), which follows the map of the day of birth and not today's.
"""

from typing import NamedTuple

from localstore.synthetic.draw import shares, weighted


class Town(NamedTuple):
    """A commune: `insee` is its 5-character code, `zone` the first two digits of a land line there, empty overseas."""

    name: str
    insee: str
    postal_code: str
    zone: str


_ZONES = {
    "01": "75 77 78 91 92 93 94 95",
    "02": "14 18 22 27 28 29 35 36 37 41 44 45 49 50 53 56 61 72 76 85",
    "03": "02 08 10 21 25 39 51 52 54 55 57 58 59 60 62 67 68 70 71 80 88 89 90",
    "04": "01 03 04 05 06 07 11 13 15 20 26 2A 2B 30 34 38 42 43 48 63 66 69 73 74 83 84",
    "05": "09 12 16 17 19 23 24 31 32 33 40 46 47 64 65 79 81 82 86 87",
}
_ZONE_OF = {department: zone for zone, departments in _ZONES.items() for department in departments.split()}

# name, INSEE code, postal code, weight
_TOWNS = """
Paris 75111 75011 9; Paris 75112 75012 8; Paris 75113 75013 9; Paris 75114 75014 7; Paris 75115 75015 11
Paris 75118 75018 10; Paris 75119 75019 9; Paris 75120 75020 10; Marseille 13204 13004 6; Marseille 13208 13008 8
Marseille 13209 13009 8; Marseille 13213 13013 9; Lyon 69383 69003 8; Lyon 69387 69007 7; Lyon 69388 69008 7
Toulouse 31555 31000 20; Nice 06088 06000 14; Nantes 44109 44000 13; Montpellier 34172 34000 12; Lille 59350 59000 10
Strasbourg 67482 67000 12; Bordeaux 33063 33000 11; Rennes 35238 35000 9; Reims 51454 51100 8; Toulon 83137 83000 8
Saint-Étienne 42218 42000 8; Le Havre 76351 76600 7; Grenoble 38185 38000 7; Dijon 21231 21000 7; Angers 49007 49000 7
Villeurbanne 69266 69100 7; Nîmes 30189 30000 7; Clermont-Ferrand 63113 63000 7; Le Mans 72181 72000 7
Aix-en-Provence 13001 13100 7; Brest 29019 29200 7; Tours 37261 37000 6; Amiens 80021 80000 6; Limoges 87085 87000 6
Annecy 74010 74000 6; Boulogne-Billancourt 92012 92100 6; Metz 57463 57000 6; Besançon 25056 25000 6
Perpignan 66136 66000 6; Orléans 45234 45000 6; Saint-Denis 93066 93200 6; Rouen 76540 76000 6; Montreuil 93048 93100 5
Argenteuil 95018 95100 5; Mulhouse 68224 68100 5; Caen 14118 14000 5; Nancy 54395 54000 5; Roubaix 59512 59100 5
Nanterre 92050 92000 5; Créteil 94028 94000 5; Avignon 84007 84000 5; Poitiers 86194 86000 5; Dunkerque 59183 59140 4
Versailles 78646 78000 5; Béziers 34032 34500 4; La Rochelle 17300 17000 5; Pau 64445 64000 4; Cannes 06029 06400 4
Antibes 06004 06600 4; Calais 62193 62100 4; Mérignac 33281 33700 4; Saint-Nazaire 44184 44600 4; Colmar 68066 68000 4
Valence 26362 26000 4; Quimper 29232 29000 4; Troyes 10387 10000 4; Chambéry 73065 73000 4; Niort 79191 79000 4
Lorient 56121 56100 4; Vannes 56260 56000 4; Charleville-Mézières 08105 08000 3; Cholet 49099 49300 3
La Roche-sur-Yon 85191 85000 4; Montauban 82121 82000 4; Beauvais 60057 60000 4; Bayonne 64102 64100 4
Évry-Courcouronnes 91228 91000 4; Meaux 77284 77100 3; Melun 77288 77000 3; Bobigny 93008 93000 3
Pontoise 95500 95300 3
Laval 53130 53000 3; Albi 81004 81000 3; Castres 81065 81100 3; Arras 62041 62000 3; Lens 62498 62300 3
Valenciennes 59606 59300 3; Bourges 18033 18000 4; Châteauroux 36044 36000 3; Blois 41018 41000 3; Évreux 27229 27000 3
Chartres 28085 28000 3; Cherbourg-en-Cotentin 50129 50100 4; Saint-Lô 50502 50000 2; Alençon 61001 61000 2
Saint-Brieuc 22278 22000 3; Saint-Malo 35288 35400 3; Angoulême 16015 16000 3; Périgueux 24322 24000 3
Tulle 19272 19000 2
Brive-la-Gaillarde 19031 19100 3; Guéret 23096 23000 2; Agen 47001 47000 3; Auch 32013 32000 2; Tarbes 65440 65000 3
Mont-de-Marsan 40192 40000 2; Cahors 46042 46000 2; Rodez 12202 12000 2; Foix 09122 09000 1; Carcassonne 11069 11000 3
Narbonne 11262 11100 3; Sète 34301 34200 2; Mende 48095 48000 1; Aurillac 15014 15000 2; Le Puy-en-Velay 43157 43000 2
Moulins 03190 03000 2; Nevers 58194 58000 2; Auxerre 89024 89000 2; Mâcon 71270 71000 2; Chalon-sur-Saône 71076 71100 3
Lons-le-Saunier 39300 39000 2; Vesoul 70550 70000 1; Belfort 90010 90000 3; Épinal 88160 88000 2; Chaumont 52121 52000 2
Bar-le-Duc 55029 55000 1; Châlons-en-Champagne 51108 51000 3; Laon 02408 02000 2; Saint-Quentin 02691 02100 3
Bourg-en-Bresse 01053 01000 3; Privas 07186 07000 1; Gap 05061 05000 2; Digne-les-Bains 04070 04000 1
Arles 13004 13200 3
Fréjus 83061 83600 3; Ajaccio 2A004 20000 4; Porto-Vecchio 2A247 20137 2; Bastia 2B033 20200 3; Corte 2B096 20250 1
Basse-Terre 97105 97100 2; Les Abymes 97101 97139 4; Fort-de-France 97209 97200 5; Cayenne 97302 97300 3
Saint-Denis 97411 97400 6; Saint-Paul 97415 97460 5; Saint-Pierre 97416 97410 4; Mamoudzou 97608 97600 2
"""


def _read(line: str) -> tuple[Town, int]:
    name, insee, postal_code, weight = line.rsplit(maxsplit=3)
    return Town(name.strip(), insee, postal_code, _ZONE_OF.get(insee[:2], "")), int(weight)


TOWNS = shares(dict(_read(line) for line in _TOWNS.strip().replace("\n", ";").split(";")))
# Where people who live in a zone were mostly born. Overseas towns are a zone of their own.
TOWNS_OF_ZONE = {zone: tuple(town for town in TOWNS if town.zone == zone) for zone in (*_ZONES, "")}
# Of each zone but overseas, where families of Antillean names mostly come from.
CARIBBEAN = ("97105", "97101", "97209", "97209", "97302")

# Countries of birth by the origin of the family name: 99 and the INSEE code of the country.
COUNTRIES = {
    "french": ("99109", "99131", "99352", "99350", "99140", "99132"),
    "maghreb": ("99352", "99352", "99352", "99350", "99350", "99351"),
    "portuguese": ("99139", "99139", "99139", "99416"),
    "latin": ("99134", "99134", "99127"),
    "african": ("99341", "99335", "99326", "99322", "99312", "99330", "99333", "99397"),
    "turkish": ("99208",),
    "asian": ("99243", "99243", "99216", "99234", "99241"),
    "caribbean": ("99410",),
    "eastern": ("99122", "99114", "99121", "99155", "99252", "99157"),
}

STREETS = weighted(
    """rue de la République:4, rue Victor-Hugo:4, avenue Jean-Jaurès:4, rue des Écoles:3, place de la Mairie:2
    rue Pasteur:4, avenue du Général-de-Gaulle:4, rue du Moulin:3, rue de l'Église:4, chemin des Vignes:2
    boulevard Gambetta:2, rue Jules-Ferry:3, allée des Tilleuls:3, impasse des Lilas:3, rue Émile-Zola:3
    rue du 8-Mai-1945:2, rue du 11-Novembre:2, avenue Foch:2, rue des Acacias:3, rue de la Gare:3, rue Voltaire:2
    route de la Plaine, chemin du Lavoir:2, rue Marcel-Pagnol:2, résidence Les Peupliers:2, rue Saint-Exupéry:2
    quai de la Marne, rue du Château:2, rue Georges-Clemenceau:2, rue Louis-Aragon, lotissement Les Genêts:2
    rue Simone-Veil:2, place du Marché, rue des Frères-Lumière, avenue de Verdun:2, rue Jean-Moulin:3, rue du Stade:2
    rue Lamartine:2, cité des Castors, rue Anatole-France:2, rue du Docteur-Roux, sentier des Douaniers"""
)


def birth_code(insee: str, year: int) -> str:
    """The commune's code as the birth register of that year wrote it.

    Corsica was department 20 until 1975; the departments around Paris were made in 1968 out of Seine (75) and
    Seine-et-Oise (78); Mayotte has had codes in 976 since 2011.
    """
    if insee[:2] in ("2A", "2B") and year < 1976:
        return "20" + insee[2:]
    if "91" <= insee[:2] <= "95" and year < 1968:
        return "75114" if insee[:2] in ("92", "93", "94") else "78646"
    if insee.startswith("976") and year < 2011:
        return "97411"
    return insee
