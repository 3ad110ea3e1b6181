"""Random names for characters and guilds, made of invented syllables."""

from sandbox.world.rng import SeededRandom


def _words(text: str) -> list[str]:
    return text.split()


_STARTS = _words(
    "Ael Bar Bel Bri Cal Cor Dal Dor Dru Eld Em Fal Fen Gar Gil Gor Hal Har Hes Il Ir Jar Jo Kal Kes Kir Lan Lir "
    "Lor Mal Mer Mor Nal Nes Nor Ol Or Pel Per Quin Ral Ren Ros Sal Ser Syl Tal Tes Tor Ul Ur Val Ves Wil Wyn Xan "
    "Yar Yl Zan Zor"
)
_MIDDLES = _words("a e i o u ae ari dra el en eri ga ila ime ko li lo ma mi na no ra ri ru sa se ta ti va vi ")
_ENDS = _words(
    "ban beth bran cot dan del drin fast field gan gorn hild kin lan leth lin mar met mond nar nel nos rak ran rel "
    "rik rin ros sen shan sk thas then thor tia tis tor va vel vin wen wick win wyn zan zel"
)
_ACCENTS = {"a": "áàâäã", "e": "éèêë", "i": "íîï", "o": "óôöø", "u": "úûü", "n": "ñ"}
_RU_STARTS = _words("Бел Бор Вел Вор Гор Дар Дол Жел Заб Зор Кар Кол Лад Лис Мер Мил Ник Ол Пел Рад Сев Тар Ур Хол Яр")
_MIDDLES_RU = ("", "а", "и", "о", "е", "ам", "ир", "он")
_RU_ENDS = _words("авин адор ана беда вира гаст дан елин жана зар ина киша лана мира ник орда рина сла тина уша яна")
_HANGUL = _words("가 나 다 라 마 바 사 아 자 하 별 달 솔 봄 눈 빛 강 들 숲 꽃 비 결 온 담 루 미 소 유 은 채 한 호")
_HAN = _words("雲 霧 竹 茶 紙 螢 河 石 松 霜 燈 舟 墨 桂 楓 鶴 雨 雪 星 月 風 秋 晴 嵐 青 白 小 阿 墟 藍")

_ADJECTIVES = _words(
    "Amber Ashen Borrowed Brass Candle Clockwork Crooked Distant Drowsy Errant Feathered Gilded Hollow Idle Ivory "
    "Juniper Kindled Lacquered Marbled Mellow Nimble Ninth Opal Patient Quiet Rustic Salted Seventh Threadbare Tin "
    "Umber Velvet Wandering Woven"
)
_NOUNS = _words(
    "Almanac Anvil Badgers Bakery Bellows Cartographers Chandlers Choir Compass Cormorants Ferrymen Foxes Garden "
    "Hedge Herons Ink Kettle Ledger Lighthouse Mill Moths Oars Orchard Parade Pilgrims Quarry Rookery Sextant Spoons "
    "Tailors Teapot Tollhouse Weavers Windmill"
)


def _latin(rng: SeededRandom) -> str:
    middle = rng.pick(_MIDDLES) if rng.chance(0.75) else ""
    return f"{rng.pick(_STARTS)}{middle}{rng.pick(_ENDS)}"[:12]


def _accented(rng: SeededRandom) -> str:
    name = _latin(rng)
    places = [place for place, letter in enumerate(name) if letter in _ACCENTS]
    if not places:
        return _accented(rng)
    place = rng.pick(places)
    return name[:place] + rng.pick(_ACCENTS[name[place]]) + name[place + 1 :]


def _blocks(rng: SeededRandom, blocks: list[str]) -> str:
    return "".join(rng.pick(blocks) for _ in range(rng.between(2, 4)))


def random_name(rng: SeededRandom, locale: str) -> str:
    """Return a character name for a realm of this locale ("ruRU")."""
    if locale == "ruRU":
        return f"{rng.pick(_RU_STARTS)}{rng.pick(_MIDDLES_RU)}{rng.pick(_RU_ENDS)}"
    if locale == "koKR":
        return _blocks(rng, _HANGUL)
    if locale == "zhTW":
        return _blocks(rng, _HAN)
    accented = 0.08 if locale in ("enGB", "enUS") else 0.35
    return _accented(rng) if rng.chance(accented) else _latin(rng)


def random_guild_name(rng: SeededRandom) -> str:
    """Return a guild name of two words."""
    return f"{rng.pick(_ADJECTIVES)} {rng.pick(_NOUNS)}"
