"""Medicines as a French prescription words them: substance, strength, form, and how to take them.

Classes are our own plain words, there to keep two things apart: what an allergy forbids, and what does not go together.
No licensed table of codes is behind them.
"""

from typing import NamedTuple

from localstore.values import Concept


class Medicine(NamedTuple):
    """`text` names it, `dosage` says how; `classes` hold the substance; `since` is the year it came to pharmacies."""

    key: str
    text: str
    dosage: str
    classes: frozenset[str]
    since: int = 1900

    @property
    def concept(self) -> Concept:
        """The medicine as the record names it."""
        return Concept(text=self.text)


# key | text | dosage | substance and classes | the year it came to French pharmacies, where that matters
_LONG_TERM = """
ramipril5 | Ramipril 5 mg, comprimé | 1 comprimé le matin | ramipril IEC SRA | 1990
ramipril10 | Ramipril 10 mg, comprimé | 1 comprimé le matin | ramipril IEC SRA | 1990
perindopril4 | Périndopril 4 mg, comprimé | 1 comprimé le matin | périndopril IEC SRA | 1989
perindopril8 | Périndopril 8 mg, comprimé | 1 comprimé le matin | périndopril IEC SRA | 1989
irbesartan150 | Irbésartan 150 mg, comprimé | 1 comprimé le matin | irbésartan ARA2 SRA | 1998
irbesartan300 | Irbésartan 300 mg, comprimé | 1 comprimé le matin | irbésartan ARA2 SRA | 1998
candesartan8 | Candésartan 8 mg, comprimé | 1 comprimé le matin | candésartan ARA2 SRA | 1998
candesartan16 | Candésartan 16 mg, comprimé | 1 comprimé le matin | candésartan ARA2 SRA | 1998
amlodipine5 | Amlodipine 5 mg, gélule | 1 gélule le matin | amlodipine inhibiteur-calcique | 1990
amlodipine10 | Amlodipine 10 mg, gélule | 1 gélule le matin | amlodipine inhibiteur-calcique | 1990
lercanidipine10 | Lercanidipine 10 mg, comprimé | 1 comprimé le matin à jeun | lercanidipine inhibiteur-calcique | 2004
lercanidipine20 | Lercanidipine 20 mg, comprimé | 1 comprimé le matin à jeun | lercanidipine inhibiteur-calcique | 2004
indapamide | Indapamide LP 1,5 mg, comprimé | 1 comprimé le matin | indapamide thiazidique sulfamide | 1996
hctz | Hydrochlorothiazide 25 mg, comprimé | 1/2 comprimé le matin | hydrochlorothiazide thiazidique sulfamide
metformine500 | Metformine 500 mg, comprimé | 1 comprimé matin et soir au cours des repas | metformine
metformine850 | Metformine 850 mg, comprimé | 1 comprimé matin et soir au cours des repas | metformine metformine-forte
metformine1000 | Metformine 1000 mg, comprimé | 1 comprimé matin et soir au cours des repas | metformine metformine-forte
gliclazide30 | Gliclazide LM 30 mg, comprimé | 1 comprimé au petit déjeuner | gliclazide sulfamide-hypoglycémiant sulfamide | 2001
gliclazide60 | Gliclazide LM 60 mg, comprimé | 1 comprimé au petit déjeuner | gliclazide sulfamide-hypoglycémiant sulfamide | 2011
sitagliptine | Sitagliptine 100 mg, comprimé | 1 comprimé le matin | sitagliptine incrétine dose-normale | 2008
dapagliflozine | Dapagliflozine 10 mg, comprimé | 1 comprimé le matin | dapagliflozine gliflozine | 2020
empagliflozine | Empagliflozine 10 mg, comprimé | 1 comprimé le matin | empagliflozine gliflozine | 2021
dulaglutide | Dulaglutide 0,75 mg, stylo prérempli | 1 injection sous-cutanée par semaine | dulaglutide incrétine | 2016
dulaglutide15 | Dulaglutide 1,5 mg, stylo prérempli | 1 injection sous-cutanée par semaine | dulaglutide incrétine | 2016
glargine12 | Insuline glargine 100 U/mL, stylo prérempli | 12 unités le soir, à adapter à la glycémie à jeun | insuline | 2003
glargine20 | Insuline glargine 100 U/mL, stylo prérempli | 20 unités le soir, à adapter à la glycémie à jeun | insuline | 2003
degludec | Insuline dégludec 100 U/mL, stylo prérempli | 18 unités le soir | insuline-lente | 2018
asparte | Insuline asparte 100 U/mL, stylo prérempli | 6 à 8 unités avant chaque repas selon les glucides | insuline-rapide | 2001
atorvastatine10 | Atorvastatine 10 mg, comprimé | 1 comprimé le soir | atorvastatine statine | 1998
atorvastatine40 | Atorvastatine 40 mg, comprimé | 1 comprimé le soir | atorvastatine statine | 1998
rosuvastatine5 | Rosuvastatine 5 mg, comprimé | 1 comprimé le soir | rosuvastatine statine | 2004
rosuvastatine10 | Rosuvastatine 10 mg, comprimé | 1 comprimé le soir | rosuvastatine statine | 2004
pravastatine20 | Pravastatine 20 mg, comprimé | 1 comprimé le soir | pravastatine statine | 1991
pravastatine40 | Pravastatine 40 mg, comprimé | 1 comprimé le soir | pravastatine statine | 1991
ezetimibe | Ézétimibe 10 mg, comprimé | 1 comprimé par jour | ézétimibe | 2004
levothyroxine50 | Lévothyroxine 50 µg, comprimé | 1 comprimé le matin à jeun | lévothyroxine
levothyroxine75 | Lévothyroxine 75 µg, comprimé | 1 comprimé le matin à jeun | lévothyroxine
levothyroxine100 | Lévothyroxine 100 µg, comprimé | 1 comprimé le matin à jeun | lévothyroxine
salbutamol | Salbutamol 100 µg/dose, suspension pour inhalation | 1 à 2 bouffées en cas de gêne respiratoire | salbutamol
beclo250 | Béclométasone 250 µg/dose, solution pour inhalation | 1 bouffée matin et soir, rincer la bouche | béclométasone CSI | 1985
budeform | Budésonide/formotérol 200/6 µg, poudre pour inhalation | 1 inhalation matin et soir | budésonide CSI LABA | 2001
budeform400 | Budésonide/formotérol 400/12 µg, poudre pour inhalation | 1 inhalation matin et soir | budésonide CSI LABA | 2001
fluti50 | Fluticasone 50 µg/dose, suspension pour inhalation | 1 bouffée matin et soir, chambre d'inhalation | fluticasone CSI
tiotropium | Tiotropium 2,5 µg/dose, solution pour inhalation | 2 bouffées le matin | tiotropium LAMA | 2006
umevila | Uméclidinium/vilantérol 55/22 µg, poudre pour inhalation | 1 inhalation par jour | uméclidinium LAMA LABA | 2015
sertraline50 | Sertraline 50 mg, gélule | 1 gélule le matin | sertraline ISRS | 1996
sertraline100 | Sertraline 100 mg, gélule | 1 gélule le matin | sertraline ISRS | 1996
escitalopram10 | Escitalopram 10 mg, comprimé | 1 comprimé le matin | escitalopram ISRS | 2005
venlafaxine75 | Venlafaxine LP 75 mg, gélule | 1 gélule le matin au cours du repas | venlafaxine IRSNA | 1999
venlafaxine150 | Venlafaxine LP 150 mg, gélule | 1 gélule le matin au cours du repas | venlafaxine IRSNA | 1999
hydroxyzine | Hydroxyzine 25 mg, comprimé | 1/2 comprimé le soir si besoin | hydroxyzine anticholinergique
zopiclone | Zopiclone 3,75 mg, comprimé | 1 comprimé au coucher, pas tous les soirs | zopiclone hypnotique | 1987
apixaban5 | Apixaban 5 mg, comprimé | 1 comprimé matin et soir | apixaban anticoagulant | 2013
apixaban25 | Apixaban 2,5 mg, comprimé | 1 comprimé matin et soir | apixaban anticoagulant réservé-très-âgé | 2013
rivaroxaban20 | Rivaroxaban 20 mg, comprimé | 1 comprimé le soir au cours du repas | rivaroxaban anticoagulant dose-normale | 2012
rivaroxaban15 | Rivaroxaban 15 mg, comprimé | 1 comprimé le soir au cours du repas | rivaroxaban anticoagulant réservé-irc | 2012
warfarine | Warfarine 5 mg, comprimé | 1 comprimé le soir, à adapter à l'INR | warfarine AVK anticoagulant
fluindione | Fluindione 20 mg, comprimé | 3/4 de comprimé le soir, à adapter à l'INR | fluindione AVK anticoagulant
bisoprolol25 | Bisoprolol 2,5 mg, comprimé | 1 comprimé le matin | bisoprolol bêtabloquant | 1988
bisoprolol5 | Bisoprolol 5 mg, comprimé | 1 comprimé le matin | bisoprolol bêtabloquant | 1988
amiodarone | Amiodarone 200 mg, comprimé | 1 comprimé par jour, 5 jours sur 7 | amiodarone iode
aspirine75 | Acide acétylsalicylique 75 mg, poudre en sachet | 1 sachet par jour au cours du repas | aspirine antiagrégant
clopidogrel | Clopidogrel 75 mg, comprimé | 1 comprimé par jour | clopidogrel antiagrégant | 1999
trinitrine | Trinitrine 0,30 mg/dose, spray sublingual | 1 pulvérisation en cas de douleur thoracique | trinitrine
furosemide20 | Furosémide 20 mg, comprimé | 1 comprimé le matin | furosémide diurétique-anse sulfamide
furosemide40 | Furosémide 40 mg, comprimé | 1 comprimé le matin | furosémide diurétique-anse sulfamide
tamsulosine | Tamsulosine LP 0,4 mg, gélule | 1 gélule après le petit déjeuner | tamsulosine alphabloquant | 1996
alfuzosine | Alfuzosine LP 10 mg, comprimé | 1 comprimé le soir après le repas | alfuzosine alphabloquant | 1990
paracetamol1g | Paracétamol 1 g, comprimé | 1 comprimé jusqu'à 3 fois par jour, espacés d'au moins 6 heures | paracétamol
alendronate | Acide alendronique 70 mg, comprimé | 1 comprimé par semaine à jeun, rester debout 30 minutes | bisphosphonate | 2001
cholecalciferol | Cholécalciférol 50 000 UI, ampoule | 1 ampoule tous les mois | vitamine-D
allopurinol100 | Allopurinol 100 mg, comprimé | 1 comprimé par jour après le repas | allopurinol
allopurinol200 | Allopurinol 200 mg, comprimé | 1 comprimé par jour après le repas | allopurinol
zolmitriptan | Zolmitriptan 2,5 mg, comprimé orodispersible | 1 comprimé dès le début de la crise | zolmitriptan triptan | 1998
propranolol | Propranolol 40 mg, comprimé | 1 comprimé matin et soir | propranolol bêtabloquant bêtabloquant-non-sélectif
omeprazole20 | Oméprazole 20 mg, gélule | 1 gélule le soir avant le repas | oméprazole IPP | 1989
pantoprazole20 | Pantoprazole 20 mg, comprimé | 1 comprimé le matin à jeun | pantoprazole IPP | 1996
latanoprost | Latanoprost 50 µg/mL, collyre | 1 goutte dans chaque œil le soir | latanoprost | 1997
donepezil | Donépézil 5 mg, comprimé | 1 comprimé le soir | donépézil | 1998
levodopa | Lévodopa/bensérazide 100/25 mg, gélule | 1 gélule 3 fois par jour avant les repas | lévodopa
desloratadine | Desloratadine 5 mg, comprimé | 1 comprimé par jour en période pollinique | desloratadine antihistaminique | 2001
mometasone | Mométasone 50 µg/dose, suspension nasale | 2 pulvérisations par narine par jour | mométasone-nasale | 1998
calcipotriol | Calcipotriol/bétaméthasone, gel | 1 application par jour sur les plaques | calcipotriol | 2003
levetiracetam | Lévétiracétam 500 mg, comprimé | 1 comprimé matin et soir | lévétiracétam | 2001
lamotrigine | Lamotrigine 100 mg, comprimé | 1 comprimé matin et soir | lamotrigine | 1996
mtx15 | Méthotrexate 15 mg, stylo prérempli | 1 injection sous-cutanée UNE FOIS PAR SEMAINE, le lundi | méthotrexate | 2010
folique5 | Acide folique 5 mg, comprimé | 2 comprimés par semaine, 48 heures après le méthotrexate | acide-folique
adalimumab | Adalimumab 40 mg, stylo prérempli | 1 injection sous-cutanée tous les 14 jours | adalimumab | 2004
macrogol | Macrogol 4000 10 g, sachet | 1 à 2 sachets le matin | macrogol
methylphenidate | Méthylphénidate LP 20 mg, gélule | 1 gélule le matin, les jours d'école | méthylphénidate | 2004
desonide | Désonide 0,1 %, crème | 1 application par jour sur les plaques d'eczéma | désonide
emollient | Émollient (glycérol, vaseline, paraffine), crème | 1 à 2 applications par jour sur tout le corps | émollient
fer80 | Fer (sulfate) 80 mg, comprimé | 1 comprimé par jour avant le repas | fer
biktarvy | Bictégravir/emtricitabine/ténofovir alafénamide 50/200/25 mg | 1 comprimé par jour | antirétroviral | 2018
acamprosate | Acamprosate 333 mg, comprimé | 2 comprimés matin, midi et soir | acamprosate | 1989
pilule | Lévonorgestrel/éthinylestradiol 100/20 µg, comprimé | 1 comprimé par jour pendant 21 jours | contraception estroprogestatif
progestatif | Désogestrel 75 µg, comprimé | 1 comprimé par jour en continu | contraception
diu-cuivre | Dispositif intra-utérin au cuivre | Posé pour 10 ans au maximum | contraception
diu-hormonal | Dispositif intra-utérin au lévonorgestrel 52 mg | Posé pour 6 à 8 ans | contraception
implant | Implant à l'étonogestrel 68 mg | Posé pour 3 ans, bras non dominant | contraception
dienogest | Diénogest 2 mg, comprimé | 1 comprimé par jour en continu | contraception diénogest | 2020
folique04 | Acide folique 0,4 mg, comprimé | 1 comprimé par jour | acide-folique
vitd-nourrisson | Cholécalciférol 10 000 UI/mL, gouttes | 3 gouttes par jour (900 UI) | vitamine-D
adrenaline300 | Adrénaline 300 µg, stylo auto-injecteur | 1 injection dans la cuisse si réaction grave, appeler le 15 | adrénaline | 2003
adrenaline150 | Adrénaline 150 µg, stylo auto-injecteur | 1 injection dans la cuisse si réaction grave, appeler le 15 | adrénaline | 2003
varenicline | Varénicline 1 mg, comprimé | 1 comprimé matin et soir pendant 11 semaines | varénicline | 2007
patch21 | Nicotine 21 mg/24 h, dispositif transdermique | 1 patch par jour, diminuer par paliers de 4 semaines | nicotine
"""  # noqa: E501 - a table is read by its lines


def _read(line: str) -> Medicine:
    key, text, dosage, classes, *since = (part.strip() for part in line.split("|"))
    return Medicine(key, text, dosage, frozenset(classes.split()), *map(int, since))


MEDICINES = {medicine.key: medicine for medicine in map(_read, _LONG_TERM.strip().splitlines())}


def chain(keys: str) -> tuple[Medicine, ...]:
    """The steps of one treatment, weakest first, from keys with spaces between them."""
    return tuple(MEDICINES[key] for key in keys.split())
