"""The realms of the world, all invented.

Slugs follow Battle.net's rules: no apostrophes or inner hyphens, accents kept in some European ones, Latin letters for
Korean and Taiwanese names.
"""

from sandbox.world.models import Realm

REGION_IDS = {"us": 1, "kr": 2, "eu": 3, "tw": 4}
REGION_NAMES = {"us": "North America", "kr": "Korea", "eu": "Europe", "tw": "Taiwan"}

_PARIS = "Europe/Paris"

# A connected realm's id is sometimes that of one of its realms and sometimes not; clients can't rely on either.
REALMS = (
    Realm(3701, "eu", "tarn-hollow", "Tarn Hollow", 1902, "English", "enGB", _PARIS),
    Realm(3702, "eu", "vaeloris", "Vael'oris", 1902, "English", "enGB", _PARIS),
    Realm(3703, "eu", "brannmoor", "Brannmoor", 1902, "English", "enGB", _PARIS),
    Realm(3711, "eu", "quillmarsh", "Quillmarsh", 3711, "English", "enGB", _PARIS, "RP"),
    Realm(3712, "eu", "osskarun", "Oss-Karun", 3711, "English", "enGB", _PARIS, "RP"),
    Realm(3721, "eu", "veillée-dardoise", "Veillée d'Ardoise", 1911, "French", "frFR", _PARIS),
    Realm(3722, "eu", "clairlande", "Clairlande", 1911, "French", "frFR", _PARIS),
    Realm(3731, "eu", "hüter-des-moors", "Hüter des Moors", 3731, "German", "deDE", _PARIS),
    Realm(3732, "eu", "nachtanger", "Nachtanger", 3731, "German", "deDE", _PARIS),
    Realm(3741, "eu", "severny-brod", "Severny Brod", 1924, "Russian", "ruRU", _PARIS, "NORMAL", "Северный Брод"),
    Realm(3751, "eu", "robledal", "Robledal", 3751, "Spanish", "esES", _PARIS),
    Realm(3801, "us", "copper-fen", "Copper Fen", 1731, "United States", "enUS", "America/Chicago"),
    Realm(3802, "us", "narzeth", "Nar'zeth", 1731, "United States", "enUS", "America/Chicago"),
    Realm(3811, "us", "alderwick", "Alderwick", 3811, "United States", "enUS", "America/New_York", "RP"),
    Realm(
        3812,
        "us",
        "pellinore-reach",
        "Pellinore Reach",
        3811,
        "United States",
        "enUS",
        "America/New_York",
        "RP",
    ),
    Realm(3821, "us", "wattle-bight", "Wattle Bight", 3821, "Oceanic", "enUS", "Australia/Melbourne"),
    Realm(3831, "us", "serra-velha", "Serra Velha", 3831, "Brazil", "ptBR", "America/Sao_Paulo"),
    Realm(3901, "kr", "eunbitnaru", "Eunbitnaru", 2201, "한국", "koKR", "Asia/Seoul", "NORMAL", "은빛나루"),
    Realm(3902, "kr", "dalgeuneul", "Dalgeuneul", 2201, "한국", "koKR", "Asia/Seoul", "NORMAL", "달그늘"),
    Realm(3903, "kr", "baramgol", "Baramgol", 3903, "한국", "koKR", "Asia/Seoul", "NORMAL", "바람골"),
    Realm(3951, "tw", "mistwick-vale", "Mistwick Vale", 2301, "繁體中文", "zhTW", "Asia/Taipei", "NORMAL", "霧隱谷"),
    Realm(3952, "tw", "firefly-river", "Firefly River", 2301, "繁體中文", "zhTW", "Asia/Taipei", "NORMAL", "螢河"),
    Realm(3953, "tw", "paper-mountain", "Paper Mountain", 3953, "繁體中文", "zhTW", "Asia/Taipei", "NORMAL", "紙山"),
)
