"""The words of the pages of findings, in French and in English."""

import re
from typing import Final

from sahel_geo.schema import Language

_FR: Final[dict[str, str]] = {
    "navigation": "Pages du rapport",
    "nav_index": "Vue d'ensemble",
    "nav_zone": "Trois frontières",
    "nav_hot": "Points chauds",
    "nav_spillover": "Débordement",
    "nav_comparison": "Deux périodes",
    "nav_quality": "Qualité des données",
    "nav_methods": "Méthodes",
    "nav_licences": "Licences",
    "not_claimed": (
        "Cette page n'affirme rien : les incidents sont une sélection, dont aucun taux, aucune "
        "tendance, aucun point chaud ni aucun débordement ne peut être déduit. Avec un fichier "
        "complet, elle donnerait ce qui suit."
    ),
    "safe": (
        "Non publié : cette page est faite de nombres dont certains sont masqués, et qu'on "
        "pourrait en déduire. Le rapport complet la contient."
    ),
    "hidden": "masqué",
    "map_safe": "Petits nombres (1 à {most}) masqués, dans les séries aussi : voir les notes.",
    "zone_lead_safe": "{units} unités, du {first} au {last}. Le total de la zone n'est pas publié.",
    "zone_order_safe": "Par nombre d'incidents ; les petits nombres sont masqués.",
    "map_hot_spot": "Points chauds (Gi*)",
    "map_emerging": "Histoire des points chauds",
    "promise_hot": (
        "La carte des points chauds et froids, et la part des tirages de l'erreur de localisation "
        "qui les confirment."
    ),
    "promise_history": "L'histoire de chaque point chaud : nouveau, persistant, historique.",
    "promise_spillover": (
        "Chaque mesure à côté de sa référence, avec son intervalle et un verdict, dans la zone et "
        "dans tous les pays."
    ),
    "promise_comparison": (
        "Les unités où le changement est net, et celles dont on ne peut rien dire."
    ),
    "no_incident": "Aucun incident n'a pu être placé : rien à mesurer.",
    "too_short": "La période est trop courte pour cette mesure.",
    "too_few": "Trop peu d'unités pour cette mesure.",
    "one_country": (
        "Toutes les unités sont dans un seul pays : rien à comparer d'un pays à l'autre."
    ),
    "unknown_precision": (
        "La précision de la localisation n'est pas indiquée pour plus de la moitié des incidents "
        ": l'effet de l'erreur de localisation n'est pas mesuré."
    ),
    "too_many": (
        "Trop d'incidents ou d'unités pour tirer de nouveau leur position dans le temps du rapport."
    ),
    # zone
    "zone_lead": (
        "{incidents} incidents enregistrés, dans {affected} des {units} unités, du {first} au "
        "{last}."
    ),
    "zone_map": "Carte de la zone",
    "zone_units": "Les unités de la zone",
    "zone_order": "Par nombre d'incidents. Le rang est celui de l'unité parmi les {all} unités.",
    "zone_order_selection": "Par nombre d'incidents de la sélection ; aucun taux n'est calculé.",
    "col_unit": "Unité",
    "col_region": "Région",
    "col_country": "Pays",
    "col_rank": "Rang",
    "no_zone_incident": "Aucun incident enregistré dans la zone.",
    # hot spots
    "hot_title": "Points chauds et leur histoire",
    "hot_what": (
        "Ce que la page montre : les unités autour desquelles les incidents se concentrent plus "
        "(points chauds) ou moins (points froids) que ne le ferait le hasard, et depuis quand."
    ),
    "hot_lead": (
        "Unités au milieu d'une concentration d'incidents : {hot} ; au milieu d'un creux : "
        "{cold} ; en tout : {all}. La statistique est Gi*, la part admise de fausses "
        "découvertes de 5 %."
    ),
    "hot_map": "Carte des points chauds",
    "hot_caption": (
        "Gi* du nombre d'incidents par unité, du {first} au {last}. Un point chaud est un "
        "voisinage, et non une unité : une unité calme entourée d'unités violentes peut en être "
        "un."
    ),
    "hot": "point chaud",
    "cold": "point froid",
    "not significant": "rien de significatif",
    "no_data": "pas de données",
    "hot_list": "Les unités qui se distinguent",
    "short_hot": (
        "Unités au milieu d'une concentration d'incidents : {hot} ; au milieu d'un creux : {cold}."
    ),
    "short_refused": "Rien n'est affirmé ici ; la page dit pourquoi.",
    "hot_none": "Aucune unité n'est significative, dans un sens ni dans l'autre.",
    "hot_more": "Les {more} suivantes sont dans indicators.csv.",
    "col_kind": "Classe",
    "col_z": "z",
    "col_q": "q",
    "col_draws": "Tirages où elle l'est",
    "hot_draws": (
        "La dernière colonne : part de {draws} tirages de l'erreur de localisation, où chaque "
        "incident est replacé dans l'aire que sa précision admet, qui donnent encore un point "
        "chaud."
    ),
    "hot_counts": (
        "Les effectifs sont comparés, non des taux : une vaste unité peuplée a plus d'incidents "
        "qu'une petite. Ce sont des incidents rapportés."
    ),
    "emerging_title": "L'histoire des points chauds",
    "emerging_text": (
        "Chaque unité classée d'après la suite de ses {steps}. Un point chaud nouveau ou "
        "consécutif appelle l'attention maintenant ; un point chaud historique est terminé."
    ),
    "emerging_short": (
        "La période compte moins de dix mois, trimestres ou années : l'histoire des points chauds "
        "n'est pas classée."
    ),
    "step_year": "années",
    "step_quarter": "trimestres",
    "step_month": "mois",
    "col_number": "Nombre",
    "col_examples": "Unités",
    "hot_spot": "point chaud {kind}",
    "cold_spot": "point froid {kind}",
    "kind_new": "nouveau",
    "kind_consecutive": "consécutif",
    "kind_intensifying": "qui s'intensifie",
    "kind_persistent": "persistant",
    "kind_diminishing": "qui décroît",
    "kind_sporadic": "sporadique",
    "kind_oscillating": "oscillant",
    "kind_historical": "historique",
    "kind_no pattern": "aucun motif",
    "others": "et {more} autres",
    # spillover
    "spillover_title": "Y a-t-il débordement à travers les frontières ?",
    "spillover_what": (
        "Ce que la page montre : chaque mesure de débordement à côté de ce que donneraient la "
        "surface, la saison et le hasard, son intervalle, et un verdict."
    ),
    "spillover_all": "Les pays du fichier",
    "spillover_figure": (
        "Chaque chiffre en multiple de sa référence (trait vertical : 1). Gris : ce que donne le "
        "hasard dans 95 % des tirages. Orange : le chiffre, et son intervalle à 95 % où il est "
        "connu."
    ),
    "col_measure": "Mesure",
    "col_question": "Demande",
    "col_figure": "Chiffre",
    "col_baseline": "Référence",
    "col_interval": "Intervalle",
    "col_range": "L'intervalle est",
    "col_p": "p",
    "col_verdict": "Verdict",
    "unmeasured": "Mesures qui n'ont pu être faites",
    "spillover_read": "Comment lire ce tableau",
    "spillover_where_when": (
        "« Où » : des incidents sont près d'une frontière, ou les voisins se ressemblent ; cela "
        "ne se distingue pas d'une route, d'un désert ou d'un État lointain. « Quand » : à lieux "
        "donnés, les incidents se suivent-ils d'un pays à l'autre ?"
    ),
    "spillover_verdict": (
        "Le verdict n'est « au-dessus » que si l'intervalle exclut la référence et si q, la part "
        "de fausses découvertes parmi tous les essais, ne dépasse pas 5 %."
    ),
    "spillover_absence": (
        "Ne pas se distinguer de la référence ne prouve pas l'absence : peu d'incidents de part "
        "et d'autre d'une frontière montrent peu."
    ),
    "spillover_left_out": (
        "Avec {incidents} incidents, ces mesures prendraient trop de temps et sont omises : "
        "{names}. sg.spillover.summary les donne."
    ),
    "short_claim_agree": (
        "Au moins deux sortes de mesures s'accordent : compatible avec un débordement, sans le "
        "prouver."
    ),
    "short_claim_none": "Aucun débordement n'est affirmé. Chaque mesure à côté de sa référence.",
    "tiny": "< 0,001",
    # comparison
    "comparison_title": "Deux périodes comparées",
    "comparison_what": (
        "Ce que la page montre : les unités où il y a nettement plus, ou nettement moins, "
        "d'incidents que dans une période antérieure, et celles dont on ne peut rien dire."
    ),
    "comparison_short": (
        "Les incidents ne couvrent pas deux années civiles entières : aucune comparaison par "
        "défaut. Indiquez deux périodes (before et after dans report.toml)."
    ),
    "short_change": (
        "Unités avec nettement plus d'incidents : {more} ; avec nettement moins : {less}."
    ),
    "comparison_figure": (
        "Rapport des taux des unités qui ont le plus d'incidents, avec l'intervalle exact à 95 %. "
        "Rouge : nettement plus ; bleu : nettement moins ; gris : rien de net. Un intervalle qui "
        "laisse 1 de côté ne suffit pas : des incidents groupés en quelques jours le resserrent à "
        "tort, et beaucoup d'unités sont comparées. Un second test, qui mélange les mois, doit le "
        "confirmer."
    ),
    "comparison_list": "Les unités où le changement est net",
    "comparison_none": "Aucun changement net.",
    "comparison_map": "Où le changement est net",
    "col_before": "Avant",
    "col_after": "Après",
    "col_ratio": "Rapport",
    "kind_more": "nettement plus",
    "kind_less": "nettement moins",
    "kind_unclear": "pas de changement net",
    "kind_none": "aucun incident",
    # quality
    "quality_title": "Ce que vaut le fichier",
    "quality_lead": "{kept} incidents retenus sur {read} lignes lues ; {mapped} sont sur la carte.",
    "quality_file": "Le fichier",
    "quality_precision": "Précision déclarée",
    "quality_unread": (
        "Le tableau n'a pas été lu par sahel_geo : seuls les effectifs ci-dessus sont connus."
    ),
    "quality_none_aside": "Aucune ligne mise de côté.",
    "quality_name": "Nom et format",
    "quality_dates": "Premier et dernier jour",
    "quality_months": "Premier et dernier mois",
    "quality_countries": "Pays nommés",
    "quality_no_country": "sans pays",
    "quality_no_place": "Sans coordonnées",
    "quality_no_toll": "Sans bilan humain",
    "quality_shared": "Incidents qui partagent leur point avec un autre",
    "quality_shared_text": (
        "Une part élevée dit que les lieux ont été codés au centre d'une ville ou d'une unité. "
        "Aucune coordonnée n'est publiée ici."
    ),
    "quality_notes": "Remarques de lecture",
    "col_precision": "Précision",
    "col_property": "Caractéristique",
    "col_value": "Valeur",
    "col_place": "Lieu",
    "col_date": "Date",
    "precision_exact": "lieu exact",
    "precision_near": "à 25 km près",
    "precision_admin3": "commune",
    "precision_admin2": "cercle, département ou province",
    "precision_admin1": "région",
    "precision_country": "pays",
    "precision_day": "jour",
    "precision_week": "semaine",
    "precision_month": "mois",
    "precision_year": "année",
    "precision_unknown": "non indiquée",
    # overview
    "read_more": "Lire la page",
    "findings": "Les autres pages",
    "more_text_zone": "Les unités de la zone, une par une.",
    "more_text_quality": "Ce qui a été lu, placé et mis de côté, et avec quelle précision.",
    "more_text_methods": "Définitions, formules, références, versions et graines.",
    "more_text_licences": "Sources, licences et mentions à reprendre.",
    "files": "Pour d'autres logiciels",
    "files_note": (
        "Ces fichiers sont écrits à côté de cette page. Un lien ne mène à rien là où la page a été "
        "transmise sans eux : sahel-geo report --config report.toml les écrit de nouveau."
    ),
    "file_summary.json": "les chiffres de ces pages",
    "file_indicators.csv": "une ligne par unité, pour un tableur",
    "file_indicators.parquet": "GeoParquet",
    "file_indicators.gpkg": "GeoPackage avec styles, pour QGIS",
    "file_report.toml": "de quoi refaire ce rapport à l'identique",
    "file_report.zip": "tout ce dossier, à envoyer",
    "maps_two": "La carte de tous les pays et celle de la zone s'ouvrent sans connexion.",
    # methods
    "methods_title": "Méthodes",
    "methods_lead": "Ce que chaque chiffre veut dire, comment il est calculé, et d'après qui.",
    "made_title": "Comment ce rapport a été fait",
    "made_text": (
        "report.toml contient ces réglages ; sahel-geo report --config report.toml refait les "
        "mêmes fichiers, octet pour octet, avec les mêmes versions."
    ),
    "made_seed": "Graine de tous les tirages",
    "made_level": "Niveau administratif",
    "made_versions": "Versions",
    "made_sums": "Sommes de contrôle (SHA-256)",
    "references": "Références",
    # licences
    "licences_title": "Données et licences",
    "licences_lead": "Les mentions à reprendre avec toute carte ou tout chiffre tiré de ces pages.",
    "licence_gazetteer": "Localités",
    "licence_gazetteer_text": "GeoNames (CC BY 4.0)",
    "licence_neighbours_text": "Natural Earth (domaine public)",
    "licence_code": "Programme",
    "licence_code_text": "sahel_geo {version} (licence MIT)",
    "licence_leaflet": "Cartes",
    "licence_leaflet_text": (
        "Leaflet 1.9.4 (licence BSD à 2 clauses, Volodymyr Agafonkin et contributeurs)"
    ),
    "licence_ask": (
        "Les incidents gardent la licence de leur source : vérifiez qu'elle permet la publication "
        "de totaux, et citez-la."
    ),
    "licence_endorse": (
        "Aucune de ces sources n'approuve ce rapport. Les limites ont été rendues cohérentes d'un "
        "pays à l'autre et n'ont aucune valeur juridique."
    ),
    "col_licence": "Licence",
    "col_source": "Source",
    "col_used": "Ce qui est utilisé",
}
_EN: Final[dict[str, str]] = {
    "navigation": "Pages of the report",
    "nav_index": "Overview",
    "nav_zone": "Tri-border",
    "nav_hot": "Hot spots",
    "nav_spillover": "Spillover",
    "nav_comparison": "Two periods",
    "nav_quality": "Data quality",
    "nav_methods": "Methods",
    "nav_licences": "Licences",
    "not_claimed": (
        "This page claims nothing: the incidents are a selection, from which no rate, no trend, "
        "no hot spot and no spillover can be concluded. With a complete file it would give what "
        "follows."
    ),
    "safe": (
        "Not published: this page is made of counts some of which are hidden, and could be worked "
        "out from it. The full report holds it."
    ),
    "hidden": "hidden",
    "map_safe": "Small counts (1 to {most}) are hidden, in the series too: see the notes.",
    "zone_lead_safe": "{units} units, {first} to {last}. The total of the zone is not published.",
    "zone_order_safe": "By number of incidents; small counts are hidden.",
    "map_hot_spot": "Hot spots (Gi*)",
    "map_emerging": "History of hot spots",
    "promise_hot": (
        "The map of hot and cold spots, and the share of draws of the location error that confirm "
        "them."
    ),
    "promise_history": "The history of each hot spot: new, persistent, historical.",
    "promise_spillover": (
        "Each measure beside its baseline, with its interval and a verdict, in the zone and in "
        "all countries."
    ),
    "promise_comparison": "The units with a clear change, and those of which nothing can be said.",
    "no_incident": "No incident could be placed: nothing to measure.",
    "too_short": "The period is too short for this measure.",
    "too_few": "Too few units for this measure.",
    "one_country": "All units lie in one country: nothing to compare across a border.",
    "unknown_precision": (
        "The precision of the location is not stated for more than half of the incidents, so the "
        "effect of location error is not measured."
    ),
    "too_many": (
        "Too many incidents or units to draw their places again within the time of a report."
    ),
    "zone_lead": (
        "{incidents} incidents recorded, in {affected} of {units} units, {first} to {last}."
    ),
    "zone_map": "Map of the zone",
    "zone_units": "The units of the zone",
    "zone_order": "By number of incidents. The rank is that of the unit among all {all} units.",
    "zone_order_selection": "By number of incidents of the selection; no rate is computed.",
    "col_unit": "Unit",
    "col_region": "Region",
    "col_country": "Country",
    "col_rank": "Rank",
    "no_zone_incident": "No incident recorded in the zone.",
    "hot_title": "Hot spots and their history",
    "hot_what": (
        "What the page shows: units around which incidents gather more (hot spots) or less (cold "
        "spots) than chance would gather them, and since when."
    ),
    "hot_lead": (
        "Units amid a concentration of incidents: {hot}; amid a hollow: {cold}; in all: {all}. "
        "The statistic is Gi*, with 5% of false discoveries accepted."
    ),
    "hot_map": "Map of hot spots",
    "hot_caption": (
        "Gi* of the number of incidents by unit, {first} to {last}. A hot spot is a "
        "neighbourhood, not a unit: a quiet unit amid violent ones may be one."
    ),
    "hot": "hot spot",
    "cold": "cold spot",
    "not significant": "not significant",
    "no_data": "no data",
    "hot_list": "The units that stand out",
    "short_hot": "Units amid a concentration of incidents: {hot}; amid a hollow: {cold}.",
    "short_refused": "Nothing is claimed here; the page says why.",
    "hot_none": "No unit is significant, either way.",
    "hot_more": "The next {more} are in indicators.csv.",
    "col_kind": "Class",
    "col_z": "z",
    "col_q": "q",
    "col_draws": "Draws in which it is",
    "hot_draws": (
        "The last column: share of {draws} draws of the location error, in which each incident is "
        "put again inside the area that its precision admits, that still give a hot spot."
    ),
    "hot_counts": (
        "Counts are compared, not rates: a large and populous unit has more incidents than a "
        "small one. These are reported incidents."
    ),
    "emerging_title": "The history of hot spots",
    "emerging_text": (
        "Each unit classed by its {steps}, first to last. A new or consecutive hot spot asks for "
        "attention now; a historical one is over."
    ),
    "emerging_short": (
        "The period has fewer than ten months, quarters or years: the history of hot spots is not "
        "classed."
    ),
    "step_year": "years",
    "step_quarter": "quarters",
    "step_month": "months",
    "col_number": "Number",
    "col_examples": "Units",
    "hot_spot": "{kind} hot spot",
    "cold_spot": "{kind} cold spot",
    "kind_new": "new",
    "kind_consecutive": "consecutive",
    "kind_intensifying": "intensifying",
    "kind_persistent": "persistent",
    "kind_diminishing": "diminishing",
    "kind_sporadic": "sporadic",
    "kind_oscillating": "oscillating",
    "kind_historical": "historical",
    "kind_no pattern": "no pattern",
    "others": "and {more} others",
    "spillover_title": "Is there spillover across the borders?",
    "spillover_what": (
        "What the page shows: every measure of spillover beside what area, season and chance "
        "would give, its interval, and a verdict."
    ),
    "spillover_all": "The countries of the file",
    "spillover_figure": (
        "Each figure as a multiple of its baseline (vertical line: 1). Grey: what chance gives in "
        "95% of the draws. Orange: the figure, with its 95% interval where it is known."
    ),
    "col_measure": "Measure",
    "col_question": "Asks",
    "col_figure": "Figure",
    "col_baseline": "Baseline",
    "col_interval": "Interval",
    "col_range": "The interval is",
    "col_p": "p",
    "col_verdict": "Verdict",
    "unmeasured": "Measures that could not be made",
    "spillover_read": "How to read this table",
    "spillover_where_when": (
        '"Where": incidents lie near a border, or neighbours are alike, which cannot be told from '
        'a road, a desert or a distant state. "When": given the places, do incidents follow each '
        "other from one country to the next?"
    ),
    "spillover_verdict": (
        'The verdict is "above" only if the interval leaves out the baseline and q, the share of '
        "false discoveries among all tests made, is at most 5%."
    ),
    "spillover_absence": (
        "Not distinguishable from the baseline is no proof of absence: few incidents on either "
        "side of a border can show little."
    ),
    "spillover_left_out": (
        "With {incidents} incidents, these measures would take too long and are left out: "
        "{names}. sg.spillover.summary gives them."
    ),
    "short_claim_agree": (
        "At least two kinds of measures agree: compatible with spillover, which is no proof of it."
    ),
    "short_claim_none": "No spillover is claimed. Each measure beside its baseline.",
    "tiny": "< 0.001",
    "comparison_title": "Two periods compared",
    "comparison_what": (
        "What the page shows: units with clearly more, or clearly fewer, incidents than in an "
        "earlier period, and those of which nothing can be said."
    ),
    "comparison_short": (
        "The incidents do not cover two whole calendar years: no comparison by default. State two "
        "periods (before and after in report.toml)."
    ),
    "short_change": "Units with clearly more incidents: {more}; with clearly fewer: {less}.",
    "comparison_figure": (
        "Ratio of rates of the units with most incidents, with its exact 95% interval. Red: "
        "clearly more; blue: clearly less; grey: nothing clear. An interval that leaves out 1 is "
        "not enough: incidents that come in bursts make it too narrow, and many units are "
        "compared. A second test, which shuffles the months, must confirm it."
    ),
    "comparison_list": "The units with a clear change",
    "comparison_none": "No clear change.",
    "comparison_map": "Where the change is clear",
    "col_before": "Before",
    "col_after": "After",
    "col_ratio": "Ratio",
    "kind_more": "clearly more",
    "kind_less": "clearly less",
    "kind_unclear": "no clear change",
    "kind_none": "no incident",
    "quality_title": "What the file is worth",
    "quality_lead": "{kept} incidents kept of {read} rows read; {mapped} are on the map.",
    "quality_file": "The file",
    "quality_precision": "Stated precision",
    "quality_unread": (
        "The table was not read by sahel_geo: only the numbers above are known of it."
    ),
    "quality_none_aside": "No row set aside.",
    "quality_name": "Name and format",
    "quality_dates": "First and last day",
    "quality_months": "First and last month",
    "quality_countries": "Countries named",
    "quality_no_country": "no country",
    "quality_no_place": "Without coordinates",
    "quality_no_toll": "Without a human toll",
    "quality_shared": "Incidents that share their point with another",
    "quality_shared_text": (
        "A high share says that places were coded to the centre of a town or unit. No coordinate "
        "is published here."
    ),
    "quality_notes": "Notes of the reader",
    "col_precision": "Precision",
    "col_property": "Property",
    "col_value": "Value",
    "col_place": "Place",
    "col_date": "Date",
    "precision_exact": "exact place",
    "precision_near": "within 25 km",
    "precision_admin3": "commune",
    "precision_admin2": "cercle, department or province",
    "precision_admin1": "region",
    "precision_country": "country",
    "precision_day": "day",
    "precision_week": "week",
    "precision_month": "month",
    "precision_year": "year",
    "precision_unknown": "not stated",
    "read_more": "Read the page",
    "findings": "The other pages",
    "more_text_zone": "The units of the zone, one by one.",
    "more_text_quality": "What was read, placed and set aside, and how precisely.",
    "more_text_methods": "Definitions, formulas, references, versions and seeds.",
    "more_text_licences": "Sources, licences and credits to carry along.",
    "files": "For other programs",
    "files_note": (
        "These files are written beside this page. A link leads nowhere where the page was passed "
        "on without them: sahel-geo report --config report.toml writes them again."
    ),
    "file_summary.json": "the figures of these pages",
    "file_indicators.csv": "a row per unit, for a spreadsheet",
    "file_indicators.parquet": "GeoParquet",
    "file_indicators.gpkg": "GeoPackage with styles, for QGIS",
    "file_report.toml": "what it takes to make this report again",
    "file_report.zip": "this whole folder, to send",
    "maps_two": "The map of all countries and that of the zone open without a connection.",
    "methods_title": "Methods",
    "methods_lead": "What each figure means, how it is computed, and after whom.",
    "made_title": "How this report was made",
    "made_text": (
        "report.toml holds these settings; sahel-geo report --config report.toml makes the same "
        "files again, byte for byte, with the same versions."
    ),
    "made_seed": "Seed of every draw",
    "made_level": "Administrative level",
    "made_versions": "Versions",
    "made_sums": "Checksums (SHA-256)",
    "references": "References",
    "licences_title": "Data and licences",
    "licences_lead": "The credits to carry along with any map or figure from these pages.",
    "licence_gazetteer": "Towns",
    "licence_gazetteer_text": "GeoNames (CC BY 4.0)",
    "licence_neighbours_text": "Natural Earth (public domain)",
    "licence_code": "Program",
    "licence_code_text": "sahel_geo {version} (MIT licence)",
    "licence_leaflet": "Maps",
    "licence_leaflet_text": (
        "Leaflet 1.9.4 (BSD 2-Clause licence, Volodymyr Agafonkin and contributors)"
    ),
    "licence_ask": (
        "Incidents keep the licence of their source: check that it allows totals to be published, "
        "and cite it."
    ),
    "licence_endorse": (
        "None of these sources endorses this report. Boundaries were made consistent from one "
        "country to the next and have no legal standing."
    ),
    "col_licence": "Licence",
    "col_source": "Source",
    "col_used": "What is used",
}


def typeset(text: str) -> str:
    """Keep the space of French punctuation from breaking a line.

    Examples
    --------
    >>> typeset("Où ?") == "Où\N{NO-BREAK SPACE}?"
    True
    """
    for mark in ":;?!»%":
        text = text.replace(f" {mark}", f"\N{NO-BREAK SPACE}{mark}")
    text = re.sub(r"(?<=\d) (?=\d{3}\b)", "\N{NARROW NO-BREAK SPACE}", text)
    return text.replace("« ", "«\N{NO-BREAK SPACE}")


WORDS: Final[dict[Language, dict[str, str]]] = {
    "fr": {key: typeset(text) for key, text in _FR.items()},
    "en": _EN,
}
