"""The page of methods, in French and in English: meaning, formula, sources."""

from dataclasses import dataclass
from typing import Final

from sahel_geo.i18n.sentence import Sentence


@dataclass(frozen=True)
class Method:
    """One measure: what it means in both languages, its formula, and who published it."""

    title: Sentence
    text: Sentence
    formula: str
    sources: tuple[str, ...]


METHODS: Final = (
    Method(
        Sentence("Placing incidents"),
        Sentence(
            "Each incident lies in exactly one unit, or is counted among those that could not "
            "be placed. Those known only to an area larger than the units are counted but are "
            "not on the maps."
        ),
        "",
        (
            (
                "Sundberg, R. and Melander, E. (2013). Introducing the UCDP Georeferenced Event "
                "Dataset. Journal of Peace Research 50, 523-532."
            ),
        ),
    ),
    Method(
        Sentence("Incidents per 1,000 km²"),
        Sentence(
            "Number of incidents c divided by the geodesic area A of the unit. It compares "
            "units of different size and says nothing about the risk of a person."
        ),
        "r = 1000 · c / A",
        (),
    ),
    Method(
        Sentence("Incidents per 100,000 people and year"),
        Sentence(
            "Number of incidents c over T years, divided by the people P of the unit. Where their "
            "number is not known there is no rate: a missing town is never zero."
        ),
        "r = 10⁵ · c / (P · T)",
        (),
    ),
    Method(
        Sentence("Risk index"),
        Sentence(
            "Each part becomes a score from 0 to 10; a dimension (hazard, exposure, vulnerability) "
            "is the weighted mean of its parts, the index R the weighted geometric mean of the "
            "dimensions d. The span of a rank comes from 1,000 draws of other weights, each from "
            "half to one and a half of its own, of the months recorded (Poisson bootstrap) and of "
            "people within about 20%. What a rank hangs on is the part without which it moves most."
        ),
        "R = Π dᵂ",
        (
            (
                "Marin-Ferrer, M., Vernaccini, L. and Poljansek, K. (2017). Index for Risk "
                "Management INFORM concept and methodology."
            ),
            (
                "Saisana, M., Saltelli, A. and Tarantola, S. (2005). Uncertainty and sensitivity "
                "analysis techniques for composite indicators. Journal of the Royal Statistical "
                "Society A 168, 307-323."
            ),
        ),
    ),
    Method(
        Sentence("Hot spots (Gi*)"),
        Sentence(
            "x: incidents of each unit; w: 1 for the unit and those that it touches, 0 "
            "elsewhere; n units, mean x̄, standard deviation s. p comes from 9,999 "
            "conditional permutations, two-sided; q is the rate of false discoveries."
        ),
        "z = (Σ w·x − x̄ · Σ w) / (s · √((n · Σ w² − (Σ w)²) / (n − 1)))",
        (
            (
                "Getis, A. and Ord, J. K. (1992). The analysis of spatial association by use of "
                "distance statistics. Geographical Analysis 24, 189-206."
            ),
            (
                "Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics. "
                "Geographical Analysis 27, 286-306."
            ),
            (
                "Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. "
                "Journal of the Royal Statistical Society B 57, 289-300."
            ),
            (
                "Caldas de Castro, M. and Singer, B. H. (2006). Controlling the false discovery "
                "rate. Geographical Analysis 38, 180-208."
            ),
        ),
    ),
    Method(
        Sentence("History of hot spots"),
        Sentence(
            "Gi* of each unit and period, with its neighbourhood in the period and the one "
            "before; then the Mann-Kendall trend of the unit's z series. Classes follow the "
            "definitions of ArcGIS: new, consecutive, intensifying, persistent, diminishing, "
            "sporadic, oscillating, historical."
        ),
        "S = Σ sign(zₜ − zᵤ), u < t",
        (
            "Mann, H. B. (1945). Nonparametric tests against trend. Econometrica 13, 245-259.",
            "Kendall, M. G. (1975). Rank Correlation Methods. Griffin, London.",
        ),
    ),
    Method(
        Sentence("Location error"),
        Sentence(
            "Each incident is put at random inside the area that its precision admits (25 km "
            "around the point, or the unit of its level), and the measure is made again. This "
            "does not cover incidents that nobody recorded."
        ),
        "",
        (
            "Croicu, M. and Sundberg, R. UCDP Georeferenced Event Dataset Codebook (where_prec).",
            (
                "Weidmann, N. B. (2015). On the accuracy of media-based conflict event data. "
                "Journal of Conflict Resolution 59, 1129-1149."
            ),
        ),
    ),
    Method(
        Sentence("Spillover"),
        Sentence(
            "Violence on both sides of a border may cross it, or may answer to the same "
            "season, the same road or the same reporter. Each measure is therefore put beside "
            "what one of these would give: the share of the land, dates exchanged inside "
            "country, year and quarter, histories of countries shifted against each other, 0 "
            "for a model without foreign neighbours."
        ),
        "",
        (
            (
                "Buhaug, H. and Gleditsch, K. S. (2008). Contagion or confusion? Why conflicts "
                "cluster in space. International Studies Quarterly 52, 215-233."
            ),
            (
                "Knox, E. G. (1964). The detection of space-time interactions. Applied Statistics "
                "13, 25-30."
            ),
            (
                "Diggle, P. J., Chetwynd, A. G., Häggkvist, R. and Morris, S. E. (1995). "
                "Second-order analysis of space-time clustering. Statistical Methods in Medical "
                "Research 4, 124-136."
            ),
            (
                "Schutte, S. and Weidmann, N. B. (2011). Diffusion patterns of violence in civil "
                "wars. Political Geography 30, 143-152."
            ),
            (
                "Held, L., Höhle, M. and Hofmann, M. (2005). A statistical framework for the "
                "analysis of multivariate infectious disease surveillance counts. Statistical "
                "Modelling 5, 187-199."
            ),
            (
                "Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point "
                "processes. Biometrika 58, 83-90."
            ),
        ),
    ),
    Method(
        Sentence("Near a border"),
        Sentence(
            "Share of incidents within d km of a border, divided by the share of the land "
            "that is as near; geodesic distances."
        ),
        "Q(d) = (c(d) / c) / (A(d) / A)",
        (),
    ),
    Method(
        Sentence("Two periods"),
        Sentence(
            "a and b: incidents before and after, in t₁ and t₂ days. The interval is exact "
            "(Clopper and Pearson); p comes from 9,999 shuffles of the unit's months between "
            "the two periods. A change is clear if q is at most 5% and the interval leaves "
            "out 1. A change of access or coverage is enough to change the numbers."
        ),
        "R = (b / t₂) / (a / t₁)",
        (
            (
                "Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing "
                "samples from Poisson series. Biometrika 31, 313-323."
            ),
            (
                "Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial "
                "limits illustrated in the case of the binomial. Biometrika 26, 404-413."
            ),
        ),
    ),
    Method(
        Sentence("Administrative boundaries"),
        Sentence(
            "The communes of the three countries form one mosaic without gaps or overlaps; "
            "the other levels are unions of them. They were made consistent, not more correct."
        ),
        "",
        (
            (
                "Runfola, D. et al. (2020). geoBoundaries: A global database of political "
                "administrative boundaries. PLoS ONE 15, e0231866."
            ),
        ),
    ),
)
