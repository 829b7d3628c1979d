"""What the simulated shop knows of Japan: names, places, mail providers, and the ways in which people get them wrong.

Facts are named with their source. Surnames, their populations and most given names come from the package
``japanese-personal-name-dataset`` (MIT), which is imported only when a world is made.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

# Given names that everybody meets, commonest first. The package tells which spellings exist, not how many people bear
# them; that these come first and fall off as 1 / (rank + 10) is *assumed*.
_COMMON_MALE = """
大輔だいすけ 誠まこと 健一けんいち 浩ひろし 実みのる 茂しげる 翔太しょうた 隆たかし 博ひろし 清きよし 和彦かずひこ
直樹なおき 健太けんた 拓也たくや 達也たつや 学まなぶ 稔みのる 修おさむ 剛つよし 哲也てつや 翼つばさ 進すすむ
一郎いちろう 豊ゆたか 正まさ 勇いさむ 勝まさる 明あきら 昇のぼる 徹とおる 聡さとし 亮りょう 蓮れん 大翔ひろと
陽翔はると 悠斗ゆうと 颯太そうた 健けん 淳じゅん 智也ともや 和也かずや 裕太ゆうた 祐介ゆうすけ 雄太ゆうた 太郎たろう
健二けんじ 浩二こうじ 誠一せいいち 英樹ひでき 秀樹ひでき 康弘やすひろ 正人まさと 雅之まさゆき 信之のぶゆき
洋平ようへい 慎吾しんご 涼太りょうた 翔しょう 海斗かいと 大樹だいき 優太ゆうた 駿しゅん 航こう 陸りく 湊みなと
樹いつき 律りつ 朝陽あさひ 三郎さぶろう 正雄まさお 幸雄ゆきお 武たけし 孝たかし 光男みつお 義雄よしお 一男かずお
昭あきら 弘ひろし 和夫かずお 敏夫としお 文雄ふみお 辰雄たつお 貞夫さだお 良一りょういち 俊介しゅんすけ 圭介けいすけ
"""
_COMMON_FEMALE = """
陽子ようこ 裕子ゆうこ 恵子けいこ 久美子くみこ 幸子さちこ 和子かずこ 洋子ようこ 由美子ゆみこ 直美なおみ 明美あけみ
智子ともこ 美咲みさき 愛あい 美穂みほ 真由美まゆみ 節子せつこ 京子きょうこ 美智子みちこ 順子じゅんこ 恵美えみ
典子のりこ 弘子ひろこ 千代子ちよこ 文子ふみこ 葵あおい 陽菜ひな 結衣ゆい 凛りん さくらさくら 美優みゆ 莉子りこ
結菜ゆいな 彩あや 彩香あやか 舞まい 麻衣まい 沙織さおり 香織かおり 優子ゆうこ 祐子ゆうこ 千尋ちひろ 遥はるか
七海ななみ 美月みつき 琴音ことね 由美ゆみ 真理まり 綾子あやこ 理恵りえ 友美ともみ 絵美えみ 恵めぐみ 麻美あさみ
直子なおこ 純子じゅんこ 加奈子かなこ 佳奈かな 里奈りな 春菜はるな 愛美まなみ 千恵ちえ 京香きょうか 静子しずこ
良子よしこ 敏子としこ 栄子えいこ 孝子たかこ 道子みちこ 悦子えつこ 昌子まさこ 信子のぶこ 光子みつこ 澄子すみこ
初枝はつえ 芳子よしこ ひなたひなた 紬つむぎ 咲さき 杏あん 奈々なな 亜美あみ 瞳ひとみ 梓あずさ 茜あかね 楓かえで
萌もえ 花子はなこ 雅子まさこ 富美子ふみこ
"""
_COMMON_SHARE = 0.6  # assumed: the share of people whose given name stands in the lists above
_SPELLINGS = 8  # of a reading are enough for the tail

# Writings of one character that forms, officials and fonts exchange; the first is the one that every keyboard gives.
_VARIANTS = """
高/髙 崎/﨑 辺/邊 斎/齋 斉/齊 沢/澤 浜/濵 広/廣 国/國 島/嶋 桜/櫻 竜/龍 真/眞 条/條 恵/惠 吉/𠮷 徳/德 関/關 黒/黑
滝/瀧
"""
# Characters that handwriting and its readers confuse.
_CONFUSED = """
太/大 大/太 郎/朗 朗/郎 裕/祐 祐/裕 未/末 士/土 千/干 田/由 巳/己 斎/斉 斉/斎 辺/部 井/并 子/了 木/本 村/材 佐/住
藤/籐 山/出 石/右 川/州 原/厚 野/埜 浩/活 健/建 博/搏 美/実 菜/奈 陽/揚 翔/祥 輝/暉 優/憂 哉/也 樹/材
"""
# Sounds that a telephone confuses, in the order in which they are looked for.
_MISHEARD = """
ヒ/シ ユウ/ユ ヨウ/ヨ ョウ/ョ トウ/ト ダ/タ ジ/チ ズ/ス ガ/カ ギ/キ ベ/メ バ/マ モ/ノ ナ/マ イ/エ エ/イ ム/ヌ サ/タ
ミ/ニ カ/タ コ/ト ス/ツ キ/チ リ/ニ ラ/ダ
"""

# Prefecture, city or ward, first digits of the postcode, area code, and thousands of people (the prefecture's
# population in the census of 2020, shared among its rows).
_PLACES = """
北海道 札幌市中央区 060 011 1800/北海道 札幌市北区 001 011 1800/北海道 帯広市 080 0155 1600
宮城県 仙台市青葉区 980 022 2300/岩手県 盛岡市 020 019 1210/秋田県 秋田市 010 018 960/山形県 山形市 990 023 1070
福島県 福島市 960 024 1830/青森県 青森市 030 017 1240/茨城県 水戸市 310 029 2870/栃木県 宇都宮市 320 028 1930
群馬県 前橋市 371 027 1940/埼玉県 さいたま市浦和区 330 048 2600/埼玉県 川口市 332 048 2600
埼玉県 川越市 350 049 2140/千葉県 千葉市中央区 260 043 2100/千葉県 船橋市 273 047 2100/千葉県 柏市 277 04 2080
東京都 新宿区 160 03 1400/東京都 渋谷区 150 03 1300/東京都 世田谷区 154 03 2000/東京都 練馬区 176 03 1800
東京都 大田区 144 03 1700/東京都 江東区 135 03 1400/東京都 足立区 120 03 1400/東京都 八王子市 192 042 1600
東京都 町田市 194 042 1450/神奈川県 横浜市港北区 222 045 2000/神奈川県 横浜市青葉区 225 045 2000
神奈川県 川崎市中原区 211 044 2500/神奈川県 相模原市中央区 252 042 2740/新潟県 新潟市中央区 950 025 2200
富山県 富山市 930 076 1030/石川県 金沢市 920 076 1130/山梨県 甲府市 400 055 810/長野県 長野市 380 026 2050
岐阜県 岐阜市 500 058 1980/静岡県 静岡市葵区 420 054 1800/静岡県 浜松市中央区 430 053 1830
愛知県 名古屋市中区 460 052 2600/愛知県 名古屋市千種区 464 052 2500/愛知県 豊橋市 440 0532 2440
三重県 津市 514 059 1770/滋賀県 大津市 520 077 1410/京都府 京都市左京区 606 075 1300
京都府 京都市伏見区 612 075 1280/大阪府 大阪市北区 530 06 2300/大阪府 大阪市住吉区 558 06 2300
大阪府 堺市堺区 590 072 2100/大阪府 東大阪市 577 06 2140/兵庫県 神戸市中央区 650 078 2800/兵庫県 姫路市 670 079 2660
奈良県 奈良市 630 0742 1320/和歌山県 和歌山市 640 073 920/岡山県 岡山市北区 700 086 1890
広島県 広島市中区 730 082 1500/広島県 福山市 720 084 1300/山口県 山口市 753 083 1340/徳島県 徳島市 770 088 720
香川県 高松市 760 087 950/愛媛県 松山市 790 089 1330/高知県 高知市 780 088 690/福岡県 福岡市博多区 812 092 1900
福岡県 福岡市中央区 810 092 1600/福岡県 北九州市小倉北区 802 093 1640/佐賀県 佐賀市 840 0952 810
長崎県 長崎市 850 095 1310/熊本県 熊本市中央区 860 096 1740/大分県 大分市 870 097 1120/宮崎県 宮崎市 880 0985 1070
鹿児島県 鹿児島市 890 099 1590/沖縄県 那覇市 900 098 1470
"""
_TOWNS = """
本町 中央 栄町 緑町 旭町 東町 西町 南町 北町 元町 新町 大手町 末広町 若松町 寿町 幸町 日の出町 桜木町 松原 上野
青葉台 緑ケ丘 富士見町 学園町 平和台 泉町 港町 川端町 宮前 城山 花園 山手町 高砂町 錦町 神明町 天神 八幡 三条 五条
相生町
"""
_BUILDINGS = """
コーポ メゾン ハイツ グランドマンション パークハイム サンライズ レジデンス シャトー
"""
TOWNS, BUILDINGS = _TOWNS.split(), _BUILDINGS.split()

# Mail domains, their share, and the slips that people make in them. Shares are *assumed*; the old carriers' are those
# whose addresses may hold ".." or end in a dot before the "@".
PROVIDERS = (
    ("gmail.com", 0.46, ("gmial.com", "gmail.co", "gamil.com")),
    ("yahoo.co.jp", 0.19, ("yaho.co.jp", "yahoo.co.p", "yahoo.ne.jp")),
    ("docomo.ne.jp", 0.08, ("docom.ne.jp", "docomo.co.jp")),
    ("ezweb.ne.jp", 0.04, ("ezwed.ne.jp", "ezweb.co.jp")),
    ("au.com", 0.03, ("au.co",)),
    ("i.softbank.jp", 0.04, ("i.softbank.ne.jp", "i.sotfbank.jp")),
    ("icloud.com", 0.07, ("iclould.com", "icloud.co")),
    ("outlook.jp", 0.03, ("outlok.jp",)),
    ("hotmail.co.jp", 0.02, ("hotmial.co.jp",)),
    ("nifty.com", 0.02, ("nifty.co",)),
    ("biglobe.ne.jp", 0.02, ("biglobe.co.jp",)),
)
OLD_CARRIERS = ("docomo.ne.jp", "ezweb.ne.jp")

# One form of a name after the other; a table of names holds them in this order.
FORMS = ("kanji", "variant", "confused", "kana", "half_kana", "hiragana", "misheard", "half_misheard", "romaji")


@dataclass(frozen=True)
class Names:
    """A table of names: each in every form, how often it occurs, and which share a first character.

    ``forms`` is one array, ``len(FORMS)`` tables one after the other, so that form and name make one index.
    """

    size: int
    forms: pa.StringArray
    letters: pa.StringArray  # as typed in a mail address: lower-case ASCII
    cumulative: NDArray[np.float64]
    sex: NDArray[np.int8]
    first: NDArray[np.int64]  # the group of names that begin with the same character (and sex)
    group_start: NDArray[np.int64]
    group_order: NDArray[np.int64]

    def draw(self, u: NDArray[np.float64]) -> NDArray[np.int64]:
        """Names for uniform numbers in [0, 1), as often as they occur."""
        return np.searchsorted(self.cumulative, u, side="right").clip(0, self.size - 1)

    def index(self, form: str | NDArray[np.int64], name: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where the form of a name stands in ``forms``."""
        number = FORMS.index(form) if isinstance(form, str) else form
        return number * self.size + name


@dataclass(frozen=True)
class Places:
    """Cities and wards with their postcodes, area codes and share of the population."""

    city: pa.StringArray  # without, then with the prefecture
    size: int
    postcode: NDArray[np.int64]
    area: NDArray[np.int64]
    area_digits: NDArray[np.int64]  # without the leading zero
    cumulative: NDArray[np.float64]


_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_VOICED = "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴ"
_UNVOICED = "カキクケコサシスセソタチツテトハヒフヘホハヒフヘホウ"
_FULL = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォャュョッー"
)
_HALF = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｬｭｮｯｰ"
_TO_HALF: dict[int, str] = {ord(full): half for full, half in zip(_FULL, _HALF, strict=True)} | {
    ord(voiced): dict(zip(_FULL, _HALF, strict=True))[plain] + ("ﾟ" if voiced in "パピプペポ" else "ﾞ")
    for voiced, plain in zip(_VOICED, _UNVOICED, strict=True)
}


def _first_replaced(text: str, table: dict[str, str]) -> str:
    for place, character in enumerate(text):
        if character in table:
            return text[:place] + table[character] + text[place + 1 :]
    return text


def _pairs(table: str) -> list[tuple[str, str]]:
    return [(left, right) for left, _, right in (pair.partition("/") for pair in table.split())]


def _misheard(kana: str) -> str:
    for heard, instead in _pairs(_MISHEARD):
        if heard in kana:
            return kana.replace(heard, instead, 1)
    return kana


def _letters(romaji: str) -> str:
    """As people write their name in an address: long vowels dropped."""
    return romaji.lower().replace("ou", "o").replace("oo", "o").replace("uu", "u")


def _names(entries: list[tuple[str, str, str]], weights: NDArray[np.float64], sex: NDArray[np.int8]) -> Names:
    kanji = [entry[0] for entry in entries]
    kana = [entry[1].translate(_HIRAGANA_TO_KATAKANA) for entry in entries]
    variants, confused = dict(_pairs(_VARIANTS)), dict(_pairs(_CONFUSED))
    misheard = [_misheard(name) for name in kana]
    letters = [_letters(entry[2]) for entry in entries]
    forms = {
        "kanji": kanji,
        "variant": [_first_replaced(name, variants) for name in kanji],
        "confused": [_first_replaced(name, confused) for name in kanji],
        "kana": kana,
        "half_kana": [name.translate(_TO_HALF) for name in kana],
        "hiragana": [entry[1] for entry in entries],
        "misheard": misheard,
        "half_misheard": [name.translate(_TO_HALF) for name in misheard],
        "romaji": [name.capitalize() for name in letters],
    }
    heads = np.array([f"{s}{name[0]}" for s, name in zip(sex, kanji, strict=True)])
    _, first = np.unique(heads, return_inverse=True)
    return Names(
        size=len(entries),
        forms=pa.array([name for form in FORMS for name in forms[form]], pa.string()),
        letters=pa.array(letters, pa.string()),
        cumulative=np.cumsum(weights) / weights.sum(),
        sex=sex,
        first=first,
        group_start=np.concatenate([[0], np.cumsum(np.bincount(first))]),
        group_order=np.argsort(first, kind="stable"),
    )


@cache
def surnames() -> Names:
    """The package's two thousand commonest surnames with the number of people who bear them."""
    from japanese_personal_name_dataset import load_dataset

    _, _, table = load_dataset("opti", include_last_names=True)
    entries = [(kanji, entry["reading"], entry["en"]) for kanji, entry in table.items()]
    weights = np.array([entry["count"] for entry in table.values()], float)
    return _names(entries, weights, np.zeros(len(entries), np.int8))


@cache
def given_names() -> Names:
    """Men's names, then women's; each sex weighs one half."""
    from japanese_personal_name_dataset import load_dataset

    entries: list[tuple[str, str, str]] = []
    weights: list[NDArray[np.float64]] = []
    sexes: list[NDArray[np.int8]] = []
    for sex, (common, table) in enumerate(zip((_COMMON_MALE, _COMMON_FEMALE), load_dataset("opti"), strict=True)):
        known = []
        for word in common.split():
            # Where the name itself is in hiragana, it is written twice.
            kana = next(
                (k for k in range(1, len(word)) if all("ぁ" <= c <= "ん" for c in word[k:]) and word[k - 1] > "ん"),
                len(word) // 2,
            )
            known.append((word[:kana], word[kana:]))
        romaji = {reading: entry["en"] for reading, entry in table.items()}
        ranked = [(kanji, reading, romaji.get(reading) or _romaji(reading)) for kanji, reading in known]
        taken = set(known)
        tail = [
            (kanji, reading, entry["en"])
            for reading, entry in table.items()
            for kanji in entry["kanji"][:: max(1, len(entry["kanji"]) // _SPELLINGS)][:_SPELLINGS]
            if (kanji, reading) not in taken
        ]
        fall = 1 / (np.arange(len(ranked)) + 10)
        entries += ranked + tail
        weights += [fall / fall.sum() * _COMMON_SHARE, np.full(len(tail), (1 - _COMMON_SHARE) / len(tail))]
        sexes.append(np.full(len(ranked) + len(tail), sex, np.int8))
    return _names(entries, np.concatenate(weights), np.concatenate(sexes))


_KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
_VOICED_KANA = "がぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽ"
_HEPBURN = """
a i u e o ka ki ku ke ko sa shi su se so ta chi tsu te to na ni nu ne no ha hi fu he ho ma mi mu me mo ya yu yo
ra ri ru re ro wa o n ga gi gu ge go za ji zu ze zo da ji zu de do ba bi bu be bo pa pi pu pe po
"""
_SYLLABLES = dict(zip(_KANA + _VOICED_KANA, _HEPBURN.split(), strict=True))


def _romaji(reading: str) -> str:
    """A reading in Hepburn letters, for the few common names that the package lacks."""
    text = ""
    for character in reading:
        if character in "ゃゅょ":
            vowel = {"ゃ": "a", "ゅ": "u", "ょ": "o"}[character]
            stem = text[:-1]
            text = stem + vowel if stem.endswith(("sh", "ch", "j")) else stem + "y" + vowel
        elif character == "っ":
            text += "-"
        else:
            syllable = _SYLLABLES[character]
            text = text[:-1] + syllable[0] + syllable if text.endswith("-") else text + syllable
    return text


@cache
def places() -> Places:
    """Where people live."""
    rows = [row.split() for row in _PLACES.strip().replace("\n", "/").split("/")]
    people = np.array([int(row[4]) for row in rows], float)
    cities = [row[1] for row in rows] + [row[0] + row[1] for row in rows]
    return Places(
        city=pa.array(cities, pa.string()),
        size=len(rows),
        postcode=np.array([int(row[2]) for row in rows]),
        area=np.array([int(row[3]) for row in rows]),
        area_digits=np.array([len(row[3]) - 1 for row in rows]),
        cumulative=np.cumsum(people) / people.sum(),
    )
