"""The other long diseases, mostly followed together with a specialist. A table."""

from localstore.synthetic.diseases import Disease, slot

RHINITIS = Disease(
    key="rhinite", label="Rhinite allergique saisonnière", code="J30.1", short="rhinite allergique",
    shares=((10, 0.06), (20, 0.11), (50, 0.10), (80, 0.04)), from_age=6, boosts={"allergique": 6.0},
    slots=(slot(0.8, "desloratadine"), slot(0.3, "mometasone")),
    findings=("Éternuements au printemps, soulagés par le traitement.", "Pas de gêne nasale en ce moment.",
              "Dernière saison pollinique assez gênante."),
    conclusions=("Rhinite allergique contrôlée.", "Rhinite allergique saisonnière, stable."),
    plans=("Antihistaminique dès le début de la saison.", "Lavages de nez le soir en saison."),
)  # fmt: skip

_ECZEMA = Disease(
    key="eczema", label="Dermatite atopique", code="L20.9", short="dermatite atopique",
    shares=((1, 0.12), (6, 0.12), (12, 0.07), (30, 0.03)), from_age=0.4, until_age=45,
    slots=(slot(1.0, "emollient"), slot(0.7, "desonide")),
    findings=("Plaques sèches aux plis des coudes, sans surinfection.", "Peau sèche, pas de poussée."),
    conclusions=("Dermatite atopique contrôlée.",), plans=("Émollients tous les jours, dermocorticoïde en poussée.",),
)  # fmt: skip

_ADHD = Disease(
    key="tdah", label="Trouble du déficit de l'attention avec hyperactivité", code="F90.0", short="TDAH",
    shares=((8, 0.03), (17, 0.04)), from_age=6.5, until_age=19, boosts={"male": 1.5, "female": 0.5},
    slots=(slot(0.55, "methylphenidate"),),
    notes=("Diagnostic posé en centre référent, renouvellement en alternance avec le spécialiste.",),
    findings=("Appétit conservé, sommeil correct. Meilleure attention en classe.",),
    conclusions=("TDAH, évolution scolaire favorable.",), plans=("Surveillance taille, poids, PA tous les 3 mois.",),
)  # fmt: skip

_MIGRAINE = Disease(
    key="migraine", label="Migraine sans aura", code="G43.0", short="migraine",
    shares=((20, 0.06), (40, 0.13), (65, 0.06)), from_age=13, boosts={"female": 1.5, "male": 0.5},
    slots=(slot(0.6, "zolmitriptan"), slot(0.15, "propranolol")),
    findings=("2 à 3 crises par mois, examen neurologique normal.", "Une crise par mois, bien soulagée."),
    conclusions=("Migraine sans critère de gravité.",), plans=("Agenda des crises. Pas plus de 8 jours de triptan.",),
)  # fmt: skip

_REFLUX = Disease(
    key="rgo", label="Reflux gastro-œsophagien", code="K21.9", short="RGO",
    shares=((40, 0.06), (60, 0.12), (90, 0.14)), from_age=24,
    slots=(slot(0.75, "omeprazole20", "pantoprazole20"),),
    notes=("Œsophage normal à l'endoscopie.", ""),
    findings=("Pyrosis à l'arrêt de l'IPP, abdomen souple.", "Pas de dysphagie, abdomen souple."),
    conclusions=("RGO contrôlé.",), plans=("Réévaluer l'intérêt de l'IPP, essai d'arrêt progressif.",),
)  # fmt: skip

_KNEE = Disease(
    key="gonarthrose", label="Gonarthrose", code="M17.9", short="gonarthrose",
    shares=((55, 0.04), (70, 0.17), (90, 0.28)), from_age=48, boosts={"obésité": 1.7},
    slots=(slot(0.85, "paracetamol1g"),),
    findings=("Genoux secs, craquements, flexion 110°.", "Douleur mécanique du genou droit, pas d'épanchement."),
    conclusions=("Gonarthrose douloureuse par intermittence.",), plans=("Kinésithérapie, marche, perte de poids.",),
)  # fmt: skip

_BACK = Disease(
    key="lombalgie", label="Lombalgie chronique", code="M54.5", short="lombalgie chronique",
    shares=((40, 0.07), (60, 0.12), (90, 0.10)), from_age=25,
    slots=(slot(0.6, "paracetamol1g"),),
    findings=("Raideur lombaire, Lasègue négatif, pas de déficit.",),
    conclusions=("Lombalgie commune sans signe d'alerte.",), plans=("Poursuite de l'activité, kinésithérapie active.",),
)  # fmt: skip

_OSTEOPOROSIS = Disease(
    key="osteoporose", label="Ostéoporose post-ménopausique", code="M81.0", short="ostéoporose",
    shares=((60, 0.05), (70, 0.14), (85, 0.25)), from_age=55, sex="female",
    slots=(slot(0.55, "alendronate"), slot(0.9, "cholecalciferol")),
    notes=("T-score - 2,8 au rachis.", "Après fracture du poignet, T-score - 2,6."),
    findings=("Taille stable, pas de rachialgie aiguë.",), conclusions=("Ostéoporose traitée.",),
    plans=("Ostéodensitométrie à la fin de la séquence de traitement.",),
)  # fmt: skip

_GOUT = Disease(
    key="goutte", label="Goutte", code="M10.9", short="goutte",
    shares=((45, 0.01), (60, 0.05), (80, 0.07)), from_age=38, boosts={"male": 1.5, "female": 0.25, "obésité": 1.5},
    slots=(slot(0.8, "allopurinol100 allopurinol200"),), excludes=("thiazidique",),
    findings=("Pas de crise depuis 6 mois.", "Pas de tophus."), conclusions=("Goutte, uricémie suivie.",),
    plans=("Cible d'uricémie inférieure à 360 µmol/L.",), panel=("uricémie",),
)  # fmt: skip

_PROSTATE = Disease(
    key="hbp", label="Hypertrophie bénigne de la prostate", code="N40", short="HBP",
    shares=((60, 0.12), (75, 0.32), (90, 0.42)), from_age=50, sex="male",
    slots=(slot(0.75, "tamsulosine", "alfuzosine"),), excludes=("anticholinergique",),
    findings=("Nycturie 2 fois, jet correct. TR : prostate souple.", "Pollakiurie modérée, pas de rétention."),
    conclusions=("HBP peu gênante sous traitement.",), plans=("Score IPSS à la prochaine consultation.",),
    panel=("psa",),
)  # fmt: skip

_GLAUCOMA = Disease(
    key="glaucome", label="Glaucome primitif à angle ouvert", code="H40.1", short="glaucome",
    shares=((55, 0.02), (75, 0.07), (90, 0.10)), from_age=45, slots=(slot(1.0, "latanoprost"),),
    findings=("Collyre bien toléré.",), conclusions=("Glaucome suivi en ophtalmologie.",),
    plans=("Suivi ophtalmologique tous les 6 mois.",), notes=("Suivi au cabinet d'ophtalmologie.",),
)  # fmt: skip

_ALZHEIMER = Disease(
    key="alzheimer", label="Maladie d'Alzheimer", code="G30.1", short="troubles cognitifs",
    shares=((75, 0.03), (85, 0.15), (95, 0.28)), from_age=68, excludes=("anticholinergique", "hypnotique"),
    slots=(slot(0.15, "donepezil"),), notes=("Diagnostic de la consultation mémoire. ALD 15.",),
    findings=("Désorienté dans le temps, accompagné par un proche.", "Oublis à mesure, autonomie partielle."),
    conclusions=("Troubles neurocognitifs, évolution lente.",), plans=("Aides à domicile, accueil de jour, aidants.",),
    panel=("mmse",),
)  # fmt: skip

_PARKINSON = Disease(
    key="parkinson", label="Maladie de Parkinson", code="G20", short="maladie de Parkinson",
    shares=((65, 0.004), (85, 0.03)), from_age=58, slots=(slot(1.0, "levodopa"),), notes=("ALD 16.",),
    findings=("Tremblement de repos droit, marche à petits pas.",), conclusions=("Parkinson stable.",),
    plans=("Kinésithérapie. Pas de métoclopramide ni de neuroleptique.",),
)  # fmt: skip

_EPILEPSY = Disease(
    key="epilepsie", label="Épilepsie", code="G40.9", short="épilepsie",
    shares=((15, 0.006), (80, 0.012)), from_age=8, slots=(slot(1.0, "levetiracetam", "lamotrigine"),),
    excludes=("tramadol", "estroprogestatif"), notes=("ALD 9.",),
    findings=("Pas de crise depuis la dernière consultation, bonne tolérance.", "Aucune crise, sommeil régulier."),
    conclusions=("Épilepsie équilibrée.",),
    plans=("Suivi neurologique annuel, conduite automobile discutée.",),
)  # fmt: skip

_TYPE_1 = Disease(
    key="dt1", label="Diabète de type 1", code="E10.9", short="diabète de type 1",
    shares=((15, 0.003), (40, 0.005)), from_age=7, until_age=75,
    slots=(slot(1.0, "degludec"), slot(1.0, "asparte")), notes=("Capteur de glucose en continu. ALD 8.",),
    findings=("Temps dans la cible 68 %, pas d'hypoglycémie sévère.",), plans=("Diabétologue tous les 4 mois.",),
    panel=("hba1c", "rénal"),
)  # fmt: skip

_RHEUMATOID = Disease(
    key="pr", label="Polyarthrite rhumatoïde", code="M06.9", short="polyarthrite rhumatoïde",
    shares=((50, 0.006), (75, 0.012)), from_age=32, boosts={"female": 1.5},
    slots=(slot(1.0, "mtx15"), slot(1.0, "folique5")), excludes=("cotrimoxazole", "AINS"),
    notes=("Anti-CCP positifs. ALD 22.",), findings=("Pas de synovite, dérouillage de 15 minutes.",),
    conclusions=("PR en faible activité.",), plans=("NFS, transaminases et créatininémie mensuelles.",), panel=("nfs",),
)  # fmt: skip

_CROHN = Disease(
    key="crohn", label="Maladie de Crohn", code="K50.9", short="maladie de Crohn",
    shares=((25, 0.002), (60, 0.004)), from_age=17, slots=(slot(1.0, "adalimumab"),), excludes=("AINS",),
    notes=("Iléo-colique. ALD 24.",), findings=("Transit normal, abdomen souple.",),
    conclusions=("Maladie de Crohn en rémission.",), plans=("Calprotectine fécale. Pas de vaccin vivant.",),
    panel=("nfs",),
)  # fmt: skip

_PSORIASIS = Disease(
    key="psoriasis", label="Psoriasis en plaques", code="L40.0", short="psoriasis",
    shares=((25, 0.015), (70, 0.03)), from_age=16, slots=(slot(0.8, "calcipotriol"),),
    excludes=("bêtabloquant",), findings=("Plaques des coudes et du cuir chevelu.",),
    conclusions=("Psoriasis limité.",), plans=("Traitement local en cure de 4 semaines.",),
)  # fmt: skip

_ENDOMETRIOSIS = Disease(
    key="endometriose", label="Endométriose", code="N80.9", short="endométriose",
    shares=((25, 0.03), (40, 0.07)), from_age=18, until_age=55, sex="female", slots=(slot(0.8, "dienogest"),),
    findings=("Dysménorrhées améliorées.",), conclusions=("Endométriose soulagée.",), plans=("Suivi gynécologique.",),
)  # fmt: skip

_INSOMNIA = Disease(
    key="insomnie", label="Insomnie chronique", code="F51.0", short="insomnie",
    shares=((50, 0.04), (70, 0.10), (90, 0.14)), from_age=35, boosts={"female": 1.3},
    slots=(slot(0.35, "zopiclone"),), findings=("Réveils vers 3 heures, siestes l'après-midi.",),
    conclusions=("Insomnie chronique.",),
    plans=("Hygiène du sommeil, horaires réguliers.", "Pas de sieste longue, lever à heure fixe."),
)  # fmt: skip

_CONSTIPATION = Disease(
    key="constipation", label="Constipation", code="K59.0", short="constipation",
    shares=((60, 0.03), (90, 0.20)), from_age=50, slots=(slot(0.9, "macrogol"),),
    findings=("Abdomen souple, pas de fécalome.",), plans=("Hydratation, fibres.",),
)  # fmt: skip

_ALCOHOL = Disease(
    key="alcool", label="Trouble lié à l'usage d'alcool", code="F10.2", short="alcool",
    shares=((35, 0.015), (60, 0.03)), from_age=25, until_age=80, boosts={"male": 1.4, "female": 0.6}, restricted=1.0,
    slots=(slot(0.4, "acamprosate"),), notes=("Suivi au CSAPA.",),
    findings=("Abstinent depuis 4 mois.", "Consommation réduite à 3 verres par jour."),
    conclusions=("Trouble de l'usage d'alcool, suivi en cours.",), plans=("Soutien, GGT de contrôle.",),
)  # fmt: skip

_HIV = Disease(
    key="vih", label="Infection par le VIH", code="B24", short="VIH",
    shares=((30, 0.002), (60, 0.003)), from_age=20, until_age=80, restricted=1.0,
    slots=(slot(1.0, "biktarvy"),), notes=("ALD 7.",),
    findings=("Bonne tolérance, observance parfaite.",), conclusions=("Charge virale indétectable.",),
    plans=("Suivi hospitalier semestriel.",),
)  # fmt: skip

OTHER = (
    RHINITIS, _ECZEMA, _ADHD, _MIGRAINE, _REFLUX, _KNEE, _BACK, _OSTEOPOROSIS, _GOUT, _PROSTATE, _GLAUCOMA, _ALZHEIMER,
    _PARKINSON, _EPILEPSY, _TYPE_1, _RHEUMATOID, _CROHN, _PSORIASIS, _ENDOMETRIOSIS, _INSOMNIA, _CONSTIPATION, _ALCOHOL,
    _HIV,
)  # fmt: skip
