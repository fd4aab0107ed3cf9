"""Names of substances and of families of substances, as French records and foreign imports write them. Pure tables.

Only what is needed to recognise that an allergy and a medicine, or two medicines, are about the same thing: synonyms
(French and English international names, some French brands that allergies are commonly recorded by), and families in
which a reaction to one member is a reason to be asked about another. It is no drug database: what is not named here is
still compared by its words and codes. The letters and digits of the ATC groups are those of the WHO Collaborating
Centre for Drug Statistics Methodology; its table is not part of this program.

Sources of the families, by key:
- penicillins, cephalosporins, betalactams: Société française d'allergologie and SPILF, "Allergie aux bêta-lactamines";
  Khan et al., Drug allergy: a 2022 practice parameter update, J Allergy Clin Immunol 2022;150:1333-1393.
- nsaids: cross-intolerance by inhibition of COX-1; Kowalski et al., EAACI/ENDA position paper, Allergy
  2013;68:1219-1232.
- sulfonamides: antibacterial arylamines only, not diuretics nor antidiabetics; Strom et al., N Engl J Med
  2003;349:1628-1635.
- aceinhibitors: angioedema by bradykinin is an effect of the class (contraindication in every summary of product
  characteristics, section 4.3).
- heparins: heparin-induced thrombocytopenia crosses; ASH 2018 guidelines, Blood Adv 2018;2:3360-3392.
- the others: the class as their summaries of product characteristics name it in section 4.3 (contraindications).
"""

from typing import NamedTuple

from localstore.folding import fold
from localstore.safety.combinations import COMBINATIONS


class Family(NamedTuple):
    """A family: folded words that name it as a whole, its ATC groups, and its members by their canonical names."""

    key: str
    words: tuple[str, ...]
    atc: tuple[str, ...]
    members: tuple[str, ...]


# canonical name: other names
_SYNONYMS = """
amoxicilline: amoxicillin, clamoxyl, amox, amoxi
acide clavulanique: clavulanate, clavulanic acid
ampicilline: ampicillin
phenoxymethylpenicilline: phenoxymethylpenicillin, penicilline v, penicillin v, peni v, oracilline, ospen
benzylpenicilline: benzylpenicillin, penicilline g, penicillin g, peni g, extencilline, benzathine benzylpenicilline
cloxacilline: cloxacillin, orbenine
oxacilline: oxacillin, bristopen
piperacilline: piperacillin
ticarcilline: ticarcillin
temocilline: temocillin, negaban
pivmecillinam: selexid, mecillinam
cefalexine: cefalexin, cephalexin
cefaclor: alfatil
cefadroxil: oracefal
cefatrizine:
cefazoline: cefazolin
cefuroxime: zinnat, cefuroxime axetil
cefixime: oroken
cefpodoxime: orelox
ceftriaxone: rocephine
cefotaxime: claforan
ceftazidime: fortum
ceftolozane:
cefepime: axepim
cefoxitine: cefoxitin
imipenem: imipeneme
meropenem: meropeneme, meronem
ertapenem: invanz
aztreonam: azactam, cayston
erythromycine: erythromycin, ery
clarithromycine: clarithromycin, zeclar
azithromycine: azithromycin, zithromax
roxithromycine: roxithromycin, rulid
josamycine: josamycin, josacine
spiramycine: spiramycin, rovamycine, missilor
metronidazole: flagyl
pristinamycine: pristinamycin, pyostacine
sulfamethoxazole: sulfamethoxazol
trimethoprime: trimethoprim
sulfadiazine: adiazine, flammazine
sulfafurazole: sulfisoxazole
sulfadoxine:
rifampicine: rifampicin, rifadine
isoniazide: isoniazid, rimifon
pyrazinamide: pirilene
abacavir: ziagen
lamivudine: epivir, zeffix
tenofovir: viread, vemlidy
sulfasalazine: salazopyrine
ofloxacine: ofloxacin, oflocet
levofloxacine: levofloxacin, tavanic
ciprofloxacine: ciprofloxacin, ciflox
moxifloxacine: moxifloxacin, izilox
norfloxacine: norfloxacin
lomefloxacine: lomefloxacin
delafloxacine: delafloxacin
doxycycline: doxy
minocycline:
lymecycline: tetralysal
metacycline: physiomycine
tetracycline:
tigecycline:
gentamicine: gentamicin
amikacine: amikacin
tobramycine: tobramycin
acide acetylsalicylique: acetylsalicylic acid, aspirine, aspirin, aspegic, kardegic, acetylsalicylate de lysine
ibuprofene: ibuprofen, advil, nurofen, nureflex, antarene, brufen, spedifen
ketoprofene: ketoprofen, profenid, biprofenid, ketum, toprec
dexketoprofene: dexketoprofen, ketesse, enantyum
naproxene: naproxen, apranax, naprosyne
diclofenac: voltarene, diclofenaco
aceclofenac: cartrex
flurbiprofene: flurbiprofen, antadys, strefen
indometacine: indometacin, indomethacin, indocid
piroxicam: feldene
meloxicam: mobic
tenoxicam: tilcotil
nabumetone: nabucox
acide niflumique: niflumic acid, nifluril
acide tiaprofenique: tiaprofenic acid, surgam
acide mefenamique: mefenamic acid, ponstyl
celecoxib: celebrex
etoricoxib: arcoxia
parecoxib: dynastat
metamizole: noramidopyrine, metamizol, dipyrone, novalgine, nolotil
paracetamol: acetaminophen, doliprane, efferalgan, dafalgan, dolko, geluprane, paralyoc, panadol, tylenol
morphine: skenan, actiskenan, oramorph
codeine: neo codion
oxycodone: oxycontin, oxynorm
hydromorphone: sophidone
dihydrocodeine: dicodin
pholcodine:
opium: elixir paregorique
tramadol: topalgic, contramal, orozamudol, zamudol, monoalgic, biodalgic
buprenorphine: subutex, temgesic
pseudoephedrine:
cetirizine: zyrtec, virlix
clopidogrel: plavix
colchicine:
ramipril: triatec
perindopril: coversyl
enalapril: renitec
lisinopril: zestril, prinivil
captopril: lopril
trandolapril: odrik
benazepril: cibacene
quinapril: acuitel
fosinopril: fozitec
imidapril: tanatril
zofenopril: zofenil
losartan: cozaar
valsartan: tareg, nisis
irbesartan: aprovel
candesartan: atacand, kenzen
telmisartan: micardis, pritor
olmesartan: alteis, olmetec
eprosartan: teveten
omeprazole: mopral, zoltum
esomeprazole: inexium, nexium
lansoprazole: lanzor, ogast
pantoprazole: inipomp, eupantol
rabeprazole: pariet
enoxaparine: enoxaparin, lovenox
tinzaparine: tinzaparin, innohep
dalteparine: dalteparin, fragmine
nadroparine: nadroparin, fraxiparine, fraxodi
heparine: heparin, calciparine
warfarine: warfarin, coumadine
fluindione: previscan
acenocoumarol: sintrom, minisintrom
apixaban: eliquis
rivaroxaban: xarelto
dabigatran: pradaxa
edoxaban: lixiana
atorvastatine: atorvastatin, tahor
simvastatine: simvastatin, zocor, lodales
pravastatine: pravastatin, elisor, vasten
rosuvastatine: rosuvastatin, crestor
fluvastatine: fluvastatin, lescol, fractal
ezetimibe: ezetrol
fenofibrate: lipanthyl
lidocaine: lignocaine, xylocaine
prilocaine: citanest
levobupivacaine: chirocaine
mepivacaine: carbocaine
articaine: septanest
bupivacaine: marcaine
ropivacaine: naropeine
metformine: metformin, glucophage, stagid
glibenclamide: daonil
sitagliptine: sitagliptin, januvia, xelevia
vildagliptine: vildagliptin, galvus
saxagliptine: saxagliptin, onglyza
linagliptine: linagliptin, trajenta
dapagliflozine: dapagliflozin, forxiga
empagliflozine: empagliflozin, jardiance
liraglutide: victoza, saxenda
insuline glargine: insulin glargine, lantus, abasaglar, toujeo
insuline degludec: insulin degludec, tresiba
insuline asparte: insulin aspart, novorapid, fiasp
insuline lispro: insulin lispro, humalog
insuline glulisine: insulin glulisine, apidra
insuline detemir: insulin detemir, levemir
levothyroxine: levothyrox, euthyrox, thyrofix, l thyroxine, l thyroxin
liothyronine: cynomel
isotretinoine: isotretinoin, curacne, contracne, procuta, roaccutane
acitretine: acitretin, soriatane
alitretinoine: alitretinoin, toctino
valproate: acide valproique, valproic acid, divalproate, valpromide, depakine, depakote, depamide, micropakine
topiramate: epitomax
carbamazepine: tegretol
phenobarbital: gardenal, alepsal
pregabaline: pregabalin, lyrica
phenytoine: phenytoin, di hydan
methotrexate: imeth, metoject, nordimet, novatrex
mycophenolate: mycophenolate mofetil, acide mycophenolique, mycophenolic acid, cellcept, myfortic
leflunomide: arava
teriflunomide: aubagio
fingolimod: gilenya
thalidomide:
lenalidomide: revlimid
pomalidomide: imnovid
cyclophosphamide: endoxan
misoprostol: cytotec, gymiso, misoone
ribavirine: ribavirin
bosentan: tracleer
ambrisentan: volibris
macitentan: opsumit
lithium: teralithe, carbonate de lithium
finasteride: chibro proscar, propecia
dutasteride: avodart
danazol: danatrol
aliskiren: rasilez
sacubitril:
spironolactone: aldactone
eplerenone: inspra
furosemide: lasilix
bumetanide: burinex
hydrochlorothiazide: esidrex
chlortalidone: chlorthalidone, hygroton
altizide:
amiloride: modamide
triamterene:
indapamide: fludex
amlodipine: amlor
bisoprolol: detensiel, cardensiel, bisoce, soprol
atenolol: tenormine
metoprolol: lopressor, seloken
nebivolol: temerit, nebilox
timolol: timoptol
tamsulosine: tamsulosin, omix, josir, mecir
salmeterol: serevent
formoterol: foradil
budesonide: pulmicort
beclometasone: beclometasone dipropionate, becotide, qvar
tiotropium: spiriva
amiodarone: cordarone
"""

_PENICILLINS = (
    "amoxicilline, ampicilline, phenoxymethylpenicilline, benzylpenicilline, cloxacilline, oxacilline, piperacilline, "
    "ticarcilline, temocilline, pivmecillinam"
)
_CEPHALOSPORINS = (
    "cefalexine, cefaclor, cefadroxil, cefatrizine, cefazoline, cefuroxime, cefixime, cefpodoxime, ceftriaxone, "
    "cefotaxime, ceftazidime, ceftolozane, cefepime, cefoxitine"
)
# key | words that name the family | ATC groups | members
_FAMILIES = f"""
penicillins | penicilline, penicillines, peniciline, penicilines, penicillin, penicillins, peni | J01C | {_PENICILLINS}
cephalosporins | cephalosporine, cephalosporines, cephalosporin, cephalosporins, cephalo, cephalos, c1g, c2g, c3g | J01DB J01DC J01DD J01DE J01DI | {_CEPHALOSPORINS}
aminopenicillins | aminopenicilline, aminopenicillines | J01CA01 J01CA04 J01CR01 J01CR02 | amoxicilline, ampicilline
aminocephalosporins | aminocephalosporines | J01DB01 J01DB05 J01DB07 J01DC04 | cefalexine, cefadroxil, cefatrizine, cefaclor
betalactams | betalactamine, betalactamines, beta lactamine, beta lactamines, b lactamine, b lactamines, β lactamine, β lactamines, ß lactamine, ß lactamines, blactamine, blactamines, beta lactame, beta lactames, betalactame, betalactames, beta lactam, beta lactams, betalactam, betalactams, β lactam, β lactams | J01C J01D | {_PENICILLINS}, {_CEPHALOSPORINS}, imipenem, meropenem, ertapenem, aztreonam
macrolides | macrolide, macrolides | J01FA | erythromycine, clarithromycine, azithromycine, roxithromycine, josamycine, spiramycine
sulfonamides | sulfamide, sulfamides, sulfonamide, sulfonamides, sulfa | J01E A07EC01 | sulfamethoxazole, sulfadiazine, sulfasalazine, sulfafurazole, sulfadoxine
quinolones | quinolone, quinolones, fluoroquinolone, fluoroquinolones | J01M | ofloxacine, levofloxacine, ciprofloxacine, moxifloxacine, norfloxacine, lomefloxacine, delafloxacine
tetracyclines | tetracyclines, cyclines | J01AA | doxycycline, minocycline, lymecycline, metacycline, tetracycline, tigecycline
aminoglycosides | aminoside, aminosides, aminoglycoside, aminoglycosides | J01G | gentamicine, amikacine, tobramycine
nsaids | ains, anti inflammatoire non steroidien, anti inflammatoires non steroidiens, anti inflammatoire, anti inflammatoires, nsaid, nsaids | M01A M02AA N02BA B01AC06 | acide acetylsalicylique, ibuprofene, ketoprofene, dexketoprofene, naproxene, diclofenac, aceclofenac, flurbiprofene, indometacine, piroxicam, meloxicam, tenoxicam, nabumetone, acide niflumique, acide tiaprofenique, acide mefenamique, celecoxib, etoricoxib, parecoxib
opiates | morphinique, morphiniques, opiace, opiaces, opioide, opioides, opiates, opioids | N02AA R05DA | morphine, codeine, oxycodone, hydromorphone, dihydrocodeine, pholcodine, opium
aceinhibitors | iec, inhibiteur de l enzyme de conversion, inhibiteurs de l enzyme de conversion, ace inhibitor, ace inhibitors | C09A C09B | ramipril, perindopril, enalapril, lisinopril, captopril, trandolapril, benazepril, quinapril, fosinopril, imidapril, zofenopril
sartans | sartan, sartans, ara2, ara 2, araii | C09C C09D | losartan, valsartan, irbesartan, candesartan, telmisartan, olmesartan, eprosartan
protonpumps | ipp, inhibiteur de la pompe a protons, inhibiteurs de la pompe a protons | A02BC | omeprazole, esomeprazole, lansoprazole, pantoprazole, rabeprazole
heparins | heparines, hbpm, heparins, lmwh | B01AB | enoxaparine, tinzaparine, dalteparine, nadroparine, heparine
vitaminkantagonists | avk, antivitamine k, antivitamines k, vka | B01AA | warfarine, fluindione, acenocoumarol
directanticoagulants | aod, anticoagulants oraux directs, doac | B01AE07 B01AF | apixaban, rivaroxaban, dabigatran, edoxaban
statins | statine, statines, statin, statins | C10AA C10B | atorvastatine, simvastatine, pravastatine, rosuvastatine, fluvastatine
amideanaesthetics | | N01BB | lidocaine, prilocaine, mepivacaine, articaine, bupivacaine, levobupivacaine, ropivacaine
diuretics | diuretique, diuretiques | C03 | furosemide, bumetanide, hydrochlorothiazide, indapamide, chlortalidone, altizide, amiloride, triamterene, spironolactone, eplerenone
insulins | insuline, insulines, insulin, insulins | A10A | insuline glargine, insuline degludec, insuline asparte, insuline lispro, insuline glulisine, insuline detemir
"""  # noqa: E501 - a table is read by its lines


def _list(words: str) -> tuple[str, ...]:
    return tuple(filter(None, (fold(one) for one in words.split(","))))


def _family(line: str) -> Family:
    key, words, atc, members = (part.strip() for part in line.split("|"))
    return Family(key, _list(words), tuple(atc.split()), _list(members))


def _names() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _SYNONYMS.strip().splitlines():
        canonical, _, others = line.partition(":")
        for name in (canonical, *_list(others)):
            found.setdefault(name, set()).add(canonical)
    for line in COMBINATIONS.strip().splitlines():
        held, _, brands = line.partition(":")
        substances = _list(held.replace("+", ","))
        for name in (*substances, *_list(brands)):
            found.setdefault(name, set()).update((name,) if name in substances else substances)
    return {name: frozenset(substances) for name, substances in found.items()}


FAMILIES = {family.key: family for family in map(_family, _FAMILIES.strip().splitlines())}
NAMES = _names()  # folded name -> the substances that it means; a brand of `combinations` means several
# Families that an allergy does not cross within: their members share a purpose, not what is reacted to.
PURPOSE_ONLY = frozenset({"diuretics", "sartans", "directanticoagulants", "betalactams", "vitaminkantagonists"})
