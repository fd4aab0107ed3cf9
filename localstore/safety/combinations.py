"""Brands that hold several substances, by what they hold. A pure table.

An allergy to one of the substances, or one of them taken already, is met by the brand. Compositions are those of the
public French drug database (BDPM) and of the summaries of product characteristics, section 2; brands that were
withdrawn stand here too, since old records and old allergies name them. Vitamins, minerals and caffeine are left out:
nobody is warned of them.
"""

# substances, with a plus between them: brands
COMBINATIONS = """
amoxicilline + acide clavulanique: augmentin, amoxiclav, ciblor, clavulin
ticarcilline + acide clavulanique: claventin
piperacilline + tazobactam: tazocilline
ampicilline + sulbactam: unacim
ceftolozane + tazobactam: zerbaxa
ceftazidime + avibactam: zavicefta
imipenem + cilastatine: tienam
meropenem + vaborbactam: vaborem
sulfamethoxazole + trimethoprime: cotrimoxazole, co trimoxazole, bactrim, eusaprim, septra
erythromycine + sulfafurazole: pediazole
sulfadoxine + pyrimethamine: fansidar
spiramycine + metronidazole: rodogyl, birodogyl, bi missilor
tetracycline + metronidazole + bismuth: pylera
rifampicine + isoniazide: rifinah
rifampicine + isoniazide + pyrazinamide: rifater
tobramycine + dexamethasone: tobradex
ciprofloxacine + dexamethasone: ciloxadex
neomycine + dexamethasone: chibro cadron
neomycine + polymyxine b + dexamethasone: maxidrol, polydexa
neomycine + polymyxine b + nystatine: polygynax
gentamicine + indometacine: indobiotic
atovaquone + proguanil: malarone
artemether + lumefantrine: riamet
abacavir + lamivudine: kivexa
abacavir + lamivudine + zidovudine: trizivir
abacavir + lamivudine + dolutegravir: triumeq
zidovudine + lamivudine: combivir
dolutegravir + lamivudine: dovato
dolutegravir + rilpivirine: juluca
emtricitabine + tenofovir: truvada, descovy
emtricitabine + tenofovir + bictegravir: biktarvy
emtricitabine + tenofovir + elvitegravir + cobicistat: stribild, genvoya
emtricitabine + tenofovir + rilpivirine: eviplera, odefsey
emtricitabine + tenofovir + efavirenz: atripla
emtricitabine + tenofovir + darunavir + cobicistat: symtuza
lamivudine + tenofovir + doravirine: delstrigo
darunavir + cobicistat: rezolsta
lopinavir + ritonavir: kaletra
nirmatrelvir + ritonavir: paxlovid
paracetamol + codeine: codoliprane, klipal, lindilane, algisedal, claradol codeine, prontalgine, migralgine
paracetamol + opium: lamaline, izalgi
paracetamol + tramadol: ixprim, zaldiar, ultracet
paracetamol + oxycodone: percocet
paracetamol + dextropropoxyphene: di antalvic, diantalvic, dialgirex
paracetamol + ibuprofene: combogesic
paracetamol + acide acetylsalicylique: actron, excedrin
paracetamol + pseudoephedrine: dolirhume
paracetamol + pseudoephedrine + doxylamine: dolirhumepro
paracetamol + pseudoephedrine + triprolidine: actifed rhume
paracetamol + pseudoephedrine + chlorphenamine: humex rhume
paracetamol + pheniramine: fervex
paracetamol + chlorphenamine: rhinofebral
tramadol + dexketoprofene: skudexum
ibuprofene + codeine: antarene codeine
ibuprofene + pseudoephedrine: rhinadvil, nurofen rhume, rhinureflex
cetirizine + pseudoephedrine: actifed lp rhinite
acide acetylsalicylique + metoclopramide: migpriv
acide acetylsalicylique + clopidogrel: duoplavin
acide acetylsalicylique + dipyridamole: asasantine
acide acetylsalicylique + pravastatine: pravadual
acide acetylsalicylique + atorvastatine + ramipril: trinomia
diclofenac + misoprostol: artotec
oxycodone + naloxone: targinact
buprenorphine + naloxone: suboxone
colchicine + opium + tiemonium: colchimax
metamizole + tiemonium: visceralgine forte
codeine + ethylmorphine: tussipax
lidocaine + prilocaine: emla, anesderm, fortacin
ramipril + hydrochlorothiazide: cotriatec
enalapril + hydrochlorothiazide: co renitec, corenitec
enalapril + lercanidipine: lercapress, zanextra
lisinopril + hydrochlorothiazide: zestoretic, prinzide
captopril + hydrochlorothiazide: captea, ecazide
benazepril + hydrochlorothiazide: briazide, cibadrex
quinapril + hydrochlorothiazide: acuilix, koretic
fosinopril + hydrochlorothiazide: foziretic
zofenopril + hydrochlorothiazide: zofenilduo, coteoula
trandolapril + verapamil: tarka
perindopril + indapamide: preterax, bipreterax
perindopril + amlodipine: coveram, viacoram
perindopril + indapamide + amlodipine: triplixam
perindopril + bisoprolol: cosimprel
perindopril + amlodipine + atorvastatine: triveram
losartan + hydrochlorothiazide: hyzaar, fortzaar
valsartan + hydrochlorothiazide: cotareg, nisisco
valsartan + amlodipine: exforge
valsartan + amlodipine + hydrochlorothiazide: exforge hct
valsartan + sacubitril: entresto
irbesartan + hydrochlorothiazide: coaprovel
candesartan + hydrochlorothiazide: cokenzen, hytacand
telmisartan + hydrochlorothiazide: micardisplus, pritorplus
telmisartan + amlodipine: twynsta
olmesartan + hydrochlorothiazide: alteisduo, coolmetec
olmesartan + amlodipine: axeler, sevikar
eprosartan + hydrochlorothiazide: coteveten
aliskiren + hydrochlorothiazide: rasilez hct
indapamide + amlodipine: natrixam
bisoprolol + hydrochlorothiazide: lodoz, wytens
nebivolol + hydrochlorothiazide: temeritduo, conebilox
atenolol + chlortalidone: tenoretic
atenolol + nifedipine: tenordate, beta adalate
metoprolol + chlortalidone: logroton
metoprolol + felodipine: logimax
spironolactone + altizide: aldactazine, practazin, spiroctazine
spironolactone + furosemide: aldalix
amiloride + hydrochlorothiazide: moduretic
triamterene + methyclothiazide: isobar
triamterene + cyclothiazide: cycloteriam
atorvastatine + amlodipine: caduet
atorvastatine + ezetimibe: liptruzet
simvastatine + ezetimibe: inegy, vytorin
simvastatine + fenofibrate: cholib
pravastatine + fenofibrate: pravafenix
rosuvastatine + ezetimibe: twicor, suvreza
macitentan + tadalafil: opsynvi
metformine + glibenclamide: glucovance
metformine + sitagliptine: janumet, velmetia
metformine + vildagliptine: eucreas
metformine + saxagliptine: komboglyze
metformine + linagliptine: jentadueto
metformine + dapagliflozine: xigduo
metformine + empagliflozine: synjardy
metformine + pioglitazone: competact
empagliflozine + linagliptine: glyxambi
saxagliptine + dapagliflozine: qtern
insuline degludec + liraglutide: xultophy
insuline glargine + lixisenatide: suliqua
levothyroxine + liothyronine: euthyral
dutasteride + tamsulosine: combodart
levodopa + carbidopa: sinemet
levodopa + carbidopa + entacapone: stalevo
levodopa + benserazide: modopar
naltrexone + bupropion: mysimba
fluticasone + salmeterol: seretide
fluticasone + formoterol: flutiform
fluticasone + vilanterol: relvar
fluticasone + vilanterol + umeclidinium: trelegy
budesonide + formoterol: symbicort, duoresp, gibiter
budesonide + formoterol + glycopyrronium: trixeo
beclometasone + formoterol: innovair, formodual
beclometasone + formoterol + glycopyrronium: trimbow
vilanterol + umeclidinium: anoro, laventair
indacaterol + glycopyrronium: ultibro
indacaterol + mometasone: atectura
indacaterol + mometasone + glycopyrronium: enerzair
formoterol + glycopyrronium: bevespi
formoterol + aclidinium: duaklir
tiotropium + olodaterol: spiolto
fenoterol + ipratropium: bronchodual
timolol + brimonidine: combigan
timolol + dorzolamide: cosopt
timolol + latanoprost: xalacom
timolol + bimatoprost: ganfort
timolol + travoprost: duotrav
timolol + brinzolamide: azarga
brimonidine + brinzolamide: simbrinza
calcipotriol + betamethasone: daivobet, enstilar, xamiol
betamethasone + acide salicylique: diprosalic
adapalene + peroxyde de benzoyle: epiduo
erythromycine + tretinoine: erylik
"""
