"""What is known of each file before it is opened. The README.md beside the data tells the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vi_lab.datasets.files import read_csv, read_npz

# The number types of a table's columns; arrays keep those of their file.
REAL, WHOLE, TEXT = np.float64, np.int64, np.str_

WITH_R = "published facts, distributed with R under GPL-2 | GPL-3"
TABLE_OF_FACTS = "published table of facts"
OWN = "made for this project; CC0"


class Column(NamedTuple):
    """One column of a table, or one array."""

    dtype: type[np.generic]
    shape: tuple[int, ...]
    unit: str


@dataclass(frozen=True)
class Entry:
    """One file: how to read it, what must be in it, and whose it is."""

    file: str
    read: Callable[[bytes], dict[str, np.ndarray]]
    columns: dict[str, Column]
    title: str
    source: str
    licence: str
    sha256: str


def table(rows: int, **columns: tuple[type[np.generic], str]) -> dict[str, Column]:
    """The columns of a table, from their types and units."""
    return {name: Column(dtype, (rows,), unit) for name, (dtype, unit) in columns.items()}


CATALOGUE = {
    "newcomb": Entry(
        file="newcomb_light.csv",
        read=read_csv,
        columns=table(66, deviation_ns=(REAL, "ns")),
        title="Newcomb's measurements of the speed of light, as passage time minus 24,800 ns",
        source="Newcomb (1882); R package MASS, object newcomb",
        licence="public-domain source; MASS is GPL-2 | GPL-3",
        sha256="649131470d7c9257f7887549a10cbcb2cfcdbf2c83d09260fb739b1372137951",
    ),
    "darwin": Entry(
        file="darwin_maize.csv",
        read=read_csv,
        columns=table(15, diff_eighths_inch=(REAL, "1/8 inch")),
        title="Darwin's maize, height of the crossed minus the self-fertilised plant of each pair",
        source="Darwin (1876); R package boot, object darwin",
        licence="public-domain source; boot is licensed Unlimited",
        sha256="2f28bf466ad3e06e3347111276427cddf5530c3a0c67f1a9273fb171ec18bfe1",
    ),
    "coal": Entry(
        file="coal_disasters.csv",
        read=read_csv,
        columns=table(
            112,
            year=(WHOLE, "calendar year"),
            count=(WHOLE, "disasters per year"),
            count_cgs1992=(WHOLE, "disasters per year"),
        ),
        title="British coal-mining disasters (10 or more deaths) by year, 1851-1962",
        source="Jarrett (1979); R package boot, object coal; Carlin, Gelfand & Smith (1992)",
        licence="published facts; boot is licensed Unlimited",
        sha256="3d4a872adde05495ea0270d49c71e2984e736bdd369b9fe65053b29a1c41b6d2",
    ),
    "coal_dates": Entry(
        file="coal_disaster_dates.csv",
        read=read_csv,
        columns=table(191, date_decimal_year=(REAL, "decimal year")),
        title="British coal-mining disasters (10 or more deaths), the date of each, 1851-1962",
        source="Jarrett (1979); R package boot, object coal",
        licence="published facts; boot is licensed Unlimited",
        sha256="c95ba55903ba1c6688d41ed386dd79dd8d0efd3725ba1e6a3781c839c074e6e2",
    ),
    "old_faithful": Entry(
        file="old_faithful.csv",
        read=read_csv,
        columns=table(272, eruptions_min=(REAL, "minutes"), waiting_min=(REAL, "minutes")),
        title="Eruptions of the Old Faithful geyser and the waiting times that followed",
        source="Härdle (1991); Azzalini & Bowman (1990); R package datasets, object faithful",
        licence=WITH_R,
        sha256="76d9e06c119631652a26afb150810dd045e86253948be24feb38124db7ad6780",
    ),
    "galaxies": Entry(
        file="galaxies.csv",
        read=read_csv,
        columns=table(82, velocity_km_s=(REAL, "km/s")),
        title="Velocities of 82 galaxies in the region of Corona Borealis",
        source="Postman et al. (1986); Roeder (1990); R package MASS, object galaxies",
        licence="published facts; MASS is GPL-2 | GPL-3",
        sha256="3d4ed84b10fc352565d9a568c7fdd8ae143c523725bf88b91a9621e2f385c1b8",
    ),
    "iris": Entry(
        file="iris.csv",
        read=read_csv,
        columns=table(
            150,
            sepal_length_cm=(REAL, "cm"),
            sepal_width_cm=(REAL, "cm"),
            petal_length_cm=(REAL, "cm"),
            petal_width_cm=(REAL, "cm"),
            species=(TEXT, "name"),
        ),
        title="Sepals and petals of 150 irises of three species",
        source="Anderson (1935); Fisher (1936); R package datasets, object iris",
        licence="published facts, distributed with R; the UCI copy is CC BY 4.0",
        sha256="27ae50b33722da23f76475e7fd89b5e0282574d3cce570f1ae2d8773d596278b",
    ),
    "penguins": Entry(
        file="penguins.csv",
        read=read_csv,
        columns=table(
            342,
            bill_length_mm=(REAL, "mm"),
            bill_depth_mm=(REAL, "mm"),
            flipper_length_mm=(REAL, "mm"),
            body_mass_g=(REAL, "g"),
            species=(TEXT, "name"),
            island=(TEXT, "name"),
            sex=(TEXT, "female, male or NA"),
            year=(WHOLE, "calendar year"),
        ),
        title="Palmer penguins, those with all four measurements",
        source="Gorman, Williams & Fraser (2014); Python package palmerpenguins",
        licence="CC0",
        sha256="613497fc0bc59ea27571caf55f21b3f35e12b1ce289fb97fd456f41d9c26a5ef",
    ),
    "eight_schools": Entry(
        file="eight_schools.csv",
        read=read_csv,
        columns=table(8, school=(TEXT, "name"), y=(REAL, "SAT points"), sigma=(REAL, "SAT points")),
        title="Effects of coaching for the SAT, as estimated in eight schools",
        source="Rubin (1981); Gelman et al., Bayesian Data Analysis, section 5.5; posteriordb",
        licence=f"{TABLE_OF_FACTS}; posteriordb is BSD-3-Clause",
        sha256="a1c28881a82a652fba1d3afc6254761fa95fd7f16f2ccab1fc7a7075dc8a8a0e",
    ),
    "challenger": Entry(
        file="challenger_orings.csv",
        read=read_csv,
        columns=table(
            23,
            flight=(TEXT, "name"),
            temperature_F=(REAL, "°F"),
            pressure_psi=(REAL, "psi"),
            n_distressed_of_6=(WHOLE, "O-rings"),
            any_distress=(WHOLE, "0 or 1"),
        ),
        title="Damaged O-rings on 23 shuttle flights before Challenger's last",
        source="Dalal, Fowlkes & Hoadley (1989); Rogers Commission; R package vcd, SpaceShuttle",
        licence="facts from a report of the US government (public domain); vcd is GPL-2",
        sha256="85e344d5e29427701789b8bb51e9114f478c3f3b489996738dd58d5037faf8b1",
    ),
    "bioassay": Entry(
        file="bioassay.csv",
        read=read_csv,
        columns=table(
            4,
            log_dose=(REAL, "log g/ml"),
            n_animals=(WHOLE, "animals"),
            n_deaths=(WHOLE, "animals"),
        ),
        title="Bioassay: deaths of animals at four doses",
        source="Racine et al. (1986); Gelman et al., Bayesian Data Analysis, table 3.1",
        licence=TABLE_OF_FACTS,
        sha256="20a827949ecb58f4ba609be7fb2e97f93e3a5b3e95859106666f820048d85323",
    ),
    "beetles": Entry(
        file="beetles.csv",
        read=read_csv,
        columns=table(
            8,
            log10_dose=(REAL, "log10 mg/l"),
            n_exposed=(WHOLE, "beetles"),
            n_killed=(WHOLE, "beetles"),
        ),
        title="Beetles killed by carbon disulphide at eight doses",
        source="Bliss (1935), as in Dobson's text on generalised linear models",
        licence=TABLE_OF_FACTS,
        sha256="3ef80e1707d76bf778046403a438bbb34abe700351daf137a69a32258495e041",
    ),
    "cars": Entry(
        file="cars.csv",
        read=read_csv,
        columns=table(50, speed_mph=(REAL, "mph"), dist_ft=(REAL, "ft")),
        title="Speeds and stopping distances of cars",
        source="Ezekiel (1930); R package datasets, object cars",
        licence=WITH_R,
        sha256="490ae10f55ac31d31c8eaaa45672a326065840a2bd4e4c69aa4e7b79a354ed87",
    ),
    "trees": Entry(
        file="trees.csv",
        read=read_csv,
        columns=table(
            31, girth_in=(REAL, "inches"), height_ft=(REAL, "ft"), volume_ft3=(REAL, "ft^3")
        ),
        title="Diameter, height and volume of timber of 31 black cherry trees",
        source="Ryan, Joiner & Ryan (1976); R package datasets, object trees",
        licence=WITH_R,
        sha256="4883023bd4476f85f37121a87a83c4a9a7790539e31b4bd1cb05ef45efa6e0d5",
    ),
    "kidiq": Entry(
        file="kidiq.csv",
        read=read_csv,
        columns=table(
            434, kid_score=(REAL, "points"), mom_hs=(WHOLE, "0 or 1"), mom_iq=(REAL, "IQ points")
        ),
        title="Test scores of children, with their mothers' schooling and IQ",
        source="Gelman & Hill (2007), from the NLSY survey; posteriordb, kidiq",
        licence="posteriordb is BSD-3-Clause",
        sha256="ec9d917d9f2a17ee2232b95ec554a183416c1b60ba0216cc128813259bdbc622",
    ),
    "nile": Entry(
        file="nile.csv",
        read=read_csv,
        columns=table(100, year=(WHOLE, "calendar year"), flow_1e8_m3=(REAL, "10^8 m^3")),
        title="Flow of the Nile at Aswan by year, 1871-1970",
        source="Cobb (1978); Durbin & Koopman (2001); R package datasets, object Nile",
        licence=WITH_R,
        sha256="1936b1c5901e350bff8a275d22c61c0f2a680f920133daec17226cc34832e1f5",
    ),
    "polynomial": Entry(
        file="polynomial.csv",
        read=read_csv,
        columns=table(10, x=(REAL, "1"), y=(REAL, "1")),
        title="A cubic at ten points, with noise",
        source="generated for this project (seed 0), after Bishop (2006), figure 10.9",
        licence=OWN,
        sha256="c4f44fa31929a160f42fd1a7e86bb339ad72866b2373fe951d9cc6a05ea8eb0f",
    ),
    "clutter": Entry(
        file="clutter.csv",
        read=read_csv,
        columns=table(20, x=(REAL, "1"), clutter=(WHOLE, "0 or 1")),
        title="Points about 2 among clutter about 0",
        source="generated for this project (seed 1), after Bishop (2006), section 10.7.1",
        licence=OWN,
        sha256="00b0530372b7bfc190e9a25990d2f1c06ed6143a45f9493dc4fb741feeb697f1",
    ),
    "digits": Entry(
        file="digits8x8.npz",
        read=read_npz,
        columns={
            "images": Column(np.uint8, (1797, 64), "grey level, 0 to 16"),
            "labels": Column(np.uint8, (1797,), "digit, 0 to 9"),
        },
        title="Handwritten digits, 8 by 8 pixels",
        source="Alpaydin & Kaynak (1998), UCI, test part; Python package scikit-learn",
        licence="CC BY 4.0; scikit-learn is BSD-3-Clause",
        sha256="af104d81e7cd419be5f343d23c6ca2e4e4ff847b06636260802df8e903c6183f",
    ),
    "digits_vae": Entry(
        file="digits_vae.npz",
        read=read_npz,
        columns={
            "encoder.0.weight": Column(np.float32, (32, 64), "none"),
            "encoder.0.bias": Column(np.float32, (32,), "none"),
            "encoder.mean.weight": Column(np.float32, (2, 32), "none"),
            "encoder.mean.bias": Column(np.float32, (2,), "none"),
            "encoder.logvar.weight": Column(np.float32, (2, 32), "none"),
            "encoder.logvar.bias": Column(np.float32, (2,), "none"),
            "decoder.0.weight": Column(np.float32, (32, 2), "none"),
            "decoder.0.bias": Column(np.float32, (32,), "none"),
            "decoder.out.weight": Column(np.float32, (64, 32), "none"),
            "decoder.out.bias": Column(np.float32, (64,), "logit"),
            "trace.elbo": Column(np.float64, (100,), "nats per datum"),
            "trace.reconstruction": Column(np.float64, (100,), "nats per datum"),
            "trace.kl": Column(np.float64, (100,), "nats per datum"),
        },
        title="Weights of a VAE with two latents, trained on the digits",
        source="vi_lab.vae.runs.pretrained.train(), seed 0, on 1,697 of the digits",
        licence="CC0; trained on digits8x8.npz (CC BY 4.0)",
        sha256="68e3cb91d9c703b86a1f2a466c0eec6a59f685bfeab11ecf11833f2590594542",
    ),
    "ising_glyphs": Entry(
        file="ising_glyphs.npz",
        read=read_npz,
        columns={
            "vi16": Column(np.int8, (16, 16), "-1 or +1"),
            "a16": Column(np.int8, (16, 16), "-1 or +1"),
            "vi32": Column(np.int8, (32, 32), "-1 or +1"),
            "ring32": Column(np.int8, (32, 32), "-1 or +1"),
            "vi16_noisy10": Column(np.int8, (16, 16), "-1 or +1"),
            "a16_noisy10": Column(np.int8, (16, 16), "-1 or +1"),
            "vi32_noisy15": Column(np.int8, (32, 32), "-1 or +1"),
            "ring32_noisy15": Column(np.int8, (32, 32), "-1 or +1"),
        },
        title="Black-and-white glyphs and noisy copies of them, to denoise",
        source="drawn for this project; noise of seed 20240607",
        licence=OWN,
        sha256="e37888d94302078ff0c1bd8f147459557e2748f41ba4711b74c48225237a8649",
    ),
    "lda_bars": Entry(
        file="lda_bars.npz",
        read=read_npz,
        columns={
            "counts": Column(np.int16, (200, 25), "tokens"),
            "topics": Column(np.float64, (10, 25), "probability"),
            "theta": Column(np.float64, (200, 10), "probability"),
        },
        title="Synthetic corpus whose ten topics are the bars of a 5 by 5 grid",
        source="generated for this project (seed 7), after Griffiths & Steyvers (2004)",
        licence=OWN,
        sha256="4bdd182a66092a85ba0d17d522ac7994f861503108e5e5cf950d4e84d1c353c7",
    ),
}
