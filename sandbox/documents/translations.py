"""Names of classes, races, factions, genders and roles in Korean and traditional Chinese."""

_KOREAN = {
    "Warrior": "전사", "Paladin": "성기사", "Hunter": "사냥꾼", "Rogue": "도적", "Priest": "사제",
    "Death Knight": "죽음의 기사", "Shaman": "주술사", "Mage": "마법사", "Warlock": "흑마법사", "Monk": "수도사",
    "Druid": "드루이드", "Demon Hunter": "악마사냥꾼", "Evoker": "기원사",
    "Human": "인간", "Orc": "오크", "Dwarf": "드워프", "Night Elf": "나이트 엘프", "Undead": "언데드",
    "Tauren": "타우렌", "Gnome": "노움", "Troll": "트롤", "Goblin": "고블린", "Blood Elf": "블러드 엘프",
    "Draenei": "드레나이", "Worgen": "늑대인간", "Pandaren": "판다렌", "Nightborne": "나이트본",
    "Highmountain Tauren": "높은산 타우렌",
    "Void Elf": "공허 엘프", "Lightforged Draenei": "빛벼림 드레나이", "Zandalari Troll": "잔달라 트롤",
    "Kul Tiran": "쿨 티란", "Dark Iron Dwarf": "검은무쇠 드워프", "Vulpera": "불페라", "Mag'har Orc": "마그하르 오크",
    "Mechagnome": "기계노움", "Dracthyr": "드랙티르", "Earthen": "토석인", "Haranir": "하라니르",
    "Alliance": "얼라이언스", "Horde": "호드", "Neutral": "중립", "Male": "남성", "Female": "여성",
    "Tank": "탱커", "Healer": "치유 전담", "Damage": "공격 전담",
}  # fmt: skip
_TAIWANESE = {
    "Warrior": "戰士", "Paladin": "聖騎士", "Hunter": "獵人", "Rogue": "盜賊", "Priest": "牧師",
    "Death Knight": "死亡騎士", "Shaman": "薩滿", "Mage": "法師", "Warlock": "術士", "Monk": "武僧",
    "Druid": "德魯伊", "Demon Hunter": "惡魔獵人", "Evoker": "喚能師",
    "Human": "人類", "Orc": "獸人", "Dwarf": "矮人", "Night Elf": "夜精靈", "Undead": "不死族", "Tauren": "牛頭人",
    "Gnome": "地精", "Troll": "食人妖", "Goblin": "哥布林", "Blood Elf": "血精靈", "Draenei": "德萊尼",
    "Worgen": "狼人", "Pandaren": "熊貓人", "Nightborne": "夜裔精靈", "Highmountain Tauren": "高嶺牛頭人",
    "Void Elf": "虛無精靈", "Lightforged Draenei": "光鑄德萊尼", "Zandalari Troll": "贊達拉食人妖",
    "Kul Tiran": "庫爾提拉斯人", "Dark Iron Dwarf": "黑鐵矮人", "Vulpera": "狐狸人", "Mag'har Orc": "瑪格哈獸人",
    "Mechagnome": "機械地精", "Dracthyr": "半龍人", "Earthen": "土靈", "Haranir": "哈拉尼爾",
    "Alliance": "聯盟", "Horde": "部落", "Neutral": "中立", "Male": "男性", "Female": "女性",
    "Tank": "坦克", "Healer": "治療者", "Damage": "傷害輸出",
}  # fmt: skip
_TRANSLATIONS = {"ko_KR": _KOREAN, "zh_TW": _TAIWANESE}


def translated(locale: str, name: str) -> str:
    """Translate the name; without a known translation, the locale is appended."""
    if locale.startswith("en_"):
        return name
    return _TRANSLATIONS.get(locale, {}).get(name) or f"{name} ({locale})"
