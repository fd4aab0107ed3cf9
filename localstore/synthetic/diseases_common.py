"""The diseases that fill a general practitioner's day: heart, vessels, metabolism, lungs, mind. A table."""

from localstore.synthetic.diseases import Disease, slot

SMOKING = Disease(
    key="tabac", label="Tabagisme actif", code="F17.2", short="tabac",
    shares=((18, 0.06), (25, 0.24), (45, 0.27), (65, 0.15), (80, 0.05)), from_age=16, until_age=88,
    excludes=("estroprogestatif",),
    slots=(slot(0.12, "patch21", "varenicline"),),
    notes=("Environ {packs} paquets-années.", "{packs} paquets-années, sevrage évoqué à chaque consultation."),
    findings=("Poursuite du tabac, 10 à 15 cigarettes par jour.", "Fume toujours, a réduit à moins de 10 par jour."),
    conclusions=("Tabagisme actif, stade de contemplation.", "Tabagisme actif, pas prêt à arrêter pour l'instant."),
    plans=("Conseil minimal, proposition de substituts nicotiniques.", "Entretien motivationnel, à reprendre."),
)  # fmt: skip

HYPERTENSION = Disease(
    key="hta", label="Hypertension artérielle essentielle", code="I10", short="HTA",
    shares=((35, 0.03), (45, 0.11), (55, 0.26), (65, 0.42), (75, 0.55), (90, 0.66)), from_age=28,
    boosts={"obésité": 1.7, "dt2": 1.6},
    slots=(
        slot(1.0, "ramipril5 ramipril10", "perindopril4 perindopril8", "irbesartan150 irbesartan300",
             "candesartan8 candesartan16", "amlodipine5 amlodipine10"),
        slot(0.9, "amlodipine5 amlodipine10", "indapamide", "lercanidipine10 lercanidipine20"),
        slot(0.5, "indapamide", "hctz"),
    ),
    excludes=("AINS", "estroprogestatif"),
    notes=("Confirmée par automesure tensionnelle.", "Antécédents familiaux d'HTA.", ""),
    plans=("Automesure tensionnelle 3 jours avant la prochaine consultation.", "Activité physique, réduction du sel.",
           "Ionogramme et créatininémie dans l'année."),
    panel=("rénal",),
)  # fmt: skip

DIABETES = Disease(
    key="dt2", label="Diabète de type 2", code="E11.9", short="diabète de type 2",
    shares=((45, 0.02), (55, 0.06), (65, 0.13), (75, 0.18), (90, 0.16)), from_age=33,
    boosts={"obésité": 2.6},
    slots=(
        slot(1.0, "metformine500 metformine1000", "metformine850 metformine1000", "metformine500"),
        slot(0.9, "dapagliflozine", "sitagliptine", "gliclazide30 gliclazide60", "dulaglutide dulaglutide15"),
        slot(0.35, "glargine12 glargine20"),
    ),
    notes=("ALD 8. Pas de complication connue.", "ALD 8. Diagnostic sur bilan systématique.", "ALD 8."),
    findings=("Pieds : pouls perçus, monofilament senti 4/4 à droite et à gauche.",
              "Examen des pieds sans lésion, pouls pédieux présents.", "Pas d'hypoglycémie rapportée."),
    plans=("Fond d'œil à prévoir dans l'année.", "HbA1c dans 3 mois.", "Bilan podologique, diététique revue.",
           "Rapport albuminurie/créatininurie sur le prochain bilan."),
    panel=("hba1c", "rénal", "lipides", "albuminurie"),
)  # fmt: skip

CHOLESTEROL = Disease(
    key="dyslipidemie", label="Hypercholestérolémie", code="E78.0", short="dyslipidémie",
    shares=((40, 0.04), (50, 0.13), (60, 0.24), (70, 0.32), (90, 0.24)), from_age=30,
    boosts={"dt2": 1.8, "hta": 1.4},
    slots=(
        slot(1.0, "atorvastatine10 atorvastatine40", "rosuvastatine5 rosuvastatine10",
             "pravastatine20 pravastatine40"),
        slot(0.5, "ezetimibe"),
    ),
    findings=("Pas de myalgie sous statine.", "Bonne tolérance de la statine."),
    plans=("Bilan lipidique dans un an.", "Règles hygiéno-diététiques rappelées."),
    panel=("lipides",),
)  # fmt: skip

CORONARY = Disease(
    key="coronaropathie", label="Cardiopathie ischémique stentée", code="I25.1", short="cardiopathie ischémique",
    shares=((50, 0.006), (60, 0.022), (70, 0.05), (90, 0.085)), from_age=44,
    boosts={"tabac": 2.0, "dt2": 1.8, "hta": 1.3, "male": 1.5},
    slots=(
        slot(1.0, "aspirine75", "clopidogrel"),
        slot(0.9, "atorvastatine40", "rosuvastatine10", "pravastatine40"),
        slot(0.75, "bisoprolol25 bisoprolol5"),
        slot(0.7, "ramipril5 ramipril10", "perindopril4"),
        slot(0.5, "trinitrine"),
    ),
    excludes=("AINS", "triptan", "estroprogestatif"),
    notes=("SCA avec angioplastie et stent actif sur l'IVA. ALD 13.", "Angioplastie de la coronaire droite. ALD 13."),
    findings=("Pas de douleur thoracique, pas de dyspnée d'effort.", "Monte 2 étages sans angor."),
    conclusions=("Cardiopathie ischémique stable, asymptomatique.", "Coronaropathie stable sous traitement."),
    plans=("Suivi cardiologique annuel, épreuve d'effort à programmer.", "Poursuite de l'antiagrégant au long cours."),
    panel=("lipides",),
)  # fmt: skip

FIBRILLATION = Disease(
    key="fa", label="Fibrillation atriale", code="I48.9", short="FA",
    shares=((60, 0.01), (70, 0.05), (80, 0.12), (92, 0.20)), from_age=50,
    boosts={"hta": 1.4, "ic": 1.5},
    slots=(
        slot(1.0, "apixaban5", "apixaban25", "rivaroxaban20", "rivaroxaban15", "warfarine", "fluindione"),
        slot(0.8, "bisoprolol25 bisoprolol5"),
        slot(0.12, "amiodarone"),
    ),
    excludes=("AINS", "antiagrégant", "aspirine"),
    notes=("Permanente. ALD 5.", "Paroxystique, découverte sur ECG. ALD 5.", "Persistante. ALD 5."),
    findings=("Rythme irrégulier, bien toléré.", "Pas de palpitation, pas de saignement sous anticoagulant."),
    conclusions=("FA à fréquence contrôlée, anticoagulation bien tolérée.", "FA stable sous anticoagulant."),
    plans=("NFS et créatininémie dans 6 mois.", "Rappel : pas d'anti-inflammatoire sous anticoagulant."),
    panel=("rénal", "nfs", "inr"),
)  # fmt: skip

STROKE = Disease(
    key="avc", label="Accident vasculaire cérébral ischémique", code="I63.9", short="AVC", status="inactive",
    shares=((60, 0.01), (75, 0.05), (90, 0.10)), from_age=50,
    boosts={"hta": 1.5, "tabac": 1.5, "fa": 1.5},
    slots=(slot(1.0, "clopidogrel", "aspirine75"), slot(0.9, "atorvastatine40", "rosuvastatine10")),
    excludes=("AINS", "triptan", "estroprogestatif"),
    notes=("Sylvien gauche, bonne récupération. ALD 1.", "Sylvien droit, séquelle discrète de la main. ALD 1."),
    findings=("Pas de nouveau déficit, marche sans aide.",), conclusions=("Suites d'AVC stables.",),
    plans=("Contrôle des facteurs de risque, consultation neurovasculaire annuelle.",), panel=("lipides",),
)  # fmt: skip

HEART_FAILURE = Disease(
    key="ic", label="Insuffisance cardiaque chronique", code="I50.9", short="insuffisance cardiaque",
    shares=((70, 0.03), (80, 0.11), (93, 0.20)), from_age=58,
    boosts={"coronaropathie": 2.0, "fa": 1.8}, needs=("hta", "coronaropathie", "fa"),
    slots=(
        slot(0.95, "furosemide20 furosemide40"),
        slot(0.7, "ramipril5", "perindopril4", "candesartan8"),
        slot(0.7, "bisoprolol25 bisoprolol5"),
        slot(0.5, "dapagliflozine", "empagliflozine"),
    ),
    excludes=("AINS",),
    notes=("FEVG 55 %, fonction préservée. ALD 5.", "FEVG 42 % à la dernière échographie. ALD 5."),
    findings=("Pas d'orthopnée, discrets œdèmes des chevilles.", "Dyspnée NYHA II, pas de crépitant.",
              "Poids stable, pas d'œdème."),
    conclusions=("Insuffisance cardiaque compensée, NYHA II.", "Insuffisance cardiaque stable."),
    plans=("Pesée deux fois par semaine, appeler si + 2 kg.", "Ionogramme et créatininémie à 3 mois."),
    panel=("rénal", "bnp"),
)  # fmt: skip

KIDNEY = Disease(
    key="irc", label="Maladie rénale chronique, stade 3", code="N18.3", short="maladie rénale chronique",
    shares=((65, 0.03), (75, 0.10), (90, 0.24)), from_age=52,
    needs=("hta", "dt2"), excludes=("AINS", "metformine-forte", "dose-normale", "bisphosphonate", "colchicine"),
    notes=("Néphropathie hypertensive probable, protéinurie absente.", "Suivi néphrologique annuel."),
    findings=("Pas d'œdème, pas de prise d'AINS.",),
    plans=("Éviter AINS et produits de contraste, adapter les doses.", "Créatininémie et kaliémie tous les 6 mois."),
    panel=("rénal",),
)  # fmt: skip

THYROID = Disease(
    key="hypothyroidie", label="Hypothyroïdie", code="E03.9", short="hypothyroïdie",
    shares=((35, 0.02), (50, 0.05), (65, 0.08), (90, 0.10)), from_age=20,
    boosts={"female": 1.5, "male": 0.35},
    slots=(slot(1.0, "levothyroxine50 levothyroxine75 levothyroxine100"),),
    notes=("Thyroïdite de Hashimoto, anticorps anti-TPO positifs.", "Découverte devant une asthénie.", ""),
    findings=("Pas de signe de dysthyroïdie.", "Thyroïde non palpable."),
    plans=("TSH dans un an.", "Lévothyroxine à prendre à jeun, à distance du calcium."),
    panel=("tsh",),
)  # fmt: skip

ASTHMA = Disease(
    key="asthme", label="Asthme", code="J45.9", short="asthme",
    shares=((8, 0.07), (16, 0.09), (40, 0.07), (70, 0.06)), from_age=4,
    boosts={"rhinite": 2.0},
    slots=(slot(1.0, "salbutamol"), slot(0.6, "beclo250", "budeform budeform400")),
    excludes=("bêtabloquant",),
    notes=("Asthme allergique (acariens).", "Asthme d'effort.", "Asthme persistant léger.", ""),
    panel=("dep",),
)  # fmt: skip

COPD = Disease(
    key="bpco", label="Bronchopneumopathie chronique obstructive", code="J44.9", short="BPCO",
    shares=((50, 0.03), (60, 0.08), (75, 0.12)), from_age=44, needs=("tabac", "ancien-fumeur"),
    boosts={"tabac": 3.0, "ancien-fumeur": 1.5},
    slots=(slot(1.0, "tiotropium", "umevila"), slot(0.9, "salbutamol"), slot(0.15, "budeform")),
    excludes=("bêtabloquant-non-sélectif",),
    notes=("VEMS 62 % de la théorique, GOLD 2.", "VEMS 71 %, GOLD 2. ALD 14 non demandée."),
    findings=("Quelques sibilants, expectoration matinale claire.", "Murmure diminué aux bases, pas de sibilant.",
              "Dyspnée mMRC 2, stable."),
    conclusions=("BPCO stable, pas d'exacerbation depuis la dernière consultation.", "BPCO stable, mMRC 2."),
    plans=("Technique d'inhalation revue, réhabilitation proposée.", "Spirométrie annuelle chez le pneumologue."),
    panel=("spo2",),
)  # fmt: skip

DEPRESSION = Disease(
    key="depression", label="Épisode dépressif moyen", code="F32.1", short="dépression",
    shares=((20, 0.03), (40, 0.08), (60, 0.08), (90, 0.06)), from_age=16,
    boosts={"female": 1.3}, restricted=0.5, lasts=(0.8, 2.4),
    slots=(slot(0.9, "sertraline50 sertraline100", "escitalopram10", "venlafaxine75 venlafaxine150"),
           slot(0.2, "hydroxyzine")),
    notes=("Réactionnel à un conflit au travail.", "Après une séparation.", "Deuxième épisode."),
    findings=("Thymie meilleure, sommeil correct, pas d'idée suicidaire.", "Tristesse et fatigue, pas d'idée noire.",
              "Élan vital revenu, reprise des activités."),
    conclusions=("Épisode dépressif en amélioration.", "Évolution favorable."),
    plans=("Poursuite au moins 6 mois après la rémission. Soutien psychologique.", "Revoir dans un mois."),
)  # fmt: skip

ANXIETY = Disease(
    key="anxiete", label="Trouble anxieux généralisé", code="F41.1", short="anxiété",
    shares=((25, 0.03), (50, 0.05), (90, 0.05)), from_age=18, boosts={"female": 1.3}, lasts=(1.5, 7),
    slots=(slot(0.3, "hydroxyzine", "escitalopram10"),),
    findings=("Ruminations anxieuses, pas d'attaque de panique récente.", "Inquiétudes moindres, dort mieux."),
    conclusions=("Anxiété contenue.", "Trouble anxieux en amélioration."),
    plans=("Thérapie cognitive et comportementale conseillée.", "Respiration, activité physique, peu de café."),
)  # fmt: skip

SLEEP_APNOEA = Disease(
    key="saos", label="Syndrome d'apnées obstructives du sommeil", code="G47.3", short="SAOS",
    shares=((45, 0.02), (60, 0.05), (80, 0.05)), from_age=35, boosts={"obésité": 3.0, "male": 1.5, "female": 0.6},
    notes=("IAH 34/h, PPC prescrite.", "IAH 34/h à la polygraphie, appareillage par PPC."),
    findings=("PPC portée plus de 5 heures par nuit.", "Somnolence diurne nettement réduite sous PPC."),
    conclusions=("SAOS appareillé, bonne observance.",), plans=("Relevé annuel du prestataire.",),
)  # fmt: skip

OBESITY = Disease(
    key="obésité", label="Obésité", code="E66.9", short="obésité", shares=(), from_age=18,
    findings=("Poids discuté, activité physique limitée.", "Marche un peu plus, grignote moins."),
    conclusions=("Obésité, poids stable.",),
    plans=("Prise en charge diététique proposée.",),
)  # fmt: skip

# In the order in which they are asked: what is boosted by another comes after it.
COMMON = (
    SMOKING, DIABETES, HYPERTENSION, CHOLESTEROL, CORONARY, FIBRILLATION, STROKE, HEART_FAILURE, KIDNEY, THYROID,
    ASTHMA, COPD, SLEEP_APNOEA, DEPRESSION, ANXIETY,
)  # fmt: skip
