"""Whether a few words may hold the name of a person. It knows nobody: only how names are made.

So the answer is the same for everybody and says nothing of any archive. Where it cannot tell, it says yes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import rjieba

from text.folding import fold

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安"
    "常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊"
    "胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班"
    "仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕"
    "冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢"
    "关蒯相查后荆红游竺权逯盖益桓公肖闫佟涂付代邸覃仝苑降门么"
)
DOUBLE_SURNAMES = (
    "欧阳 上官 司马 诸葛 夏侯 皇甫 尉迟 公孙 慕容 令狐 司徒 司空 东方 独孤 南宫 长孙 宇文 鲜于 "
    "闾丘 轩辕 淳于 单于 太史 申屠 公羊 澹台 百里 呼延 西门 端木 钟离 濮阳 赫连 完颜 纳兰 叶赫 "
    "爱新 拓跋"
)
UNLIKELY = (
    "水电云家山房空全都东广平和花明时成于能相从后公向国应通利别红关易容边连管路门车单经强满解项计支万古居衡步干双扶降么那须益越毋养终充慎沃丰隆融包乐顾常何安方高"
    "池井余文富查习祝简"
)
"""Surnames that a single character of a query hardly ever is: they are ordinary words."""

NAME_TAGS = ("nr", "ns", "nt", "nz")
"""What the dictionary of the segmenter calls persons, places, firms: names of people are among all of them."""

TRADE_WORDS = (
    "万向 万用 井盖 入户门 冷桥 包管 包边 单元门 叶子 叶片 后浇带 安装 席梦思 常闭 平顶 康复 "
    "强电 方管 方钢 林木 梁侧 梁宽 梁底 梁板 梁柱 梁高 毛刺 毛坯 水管 池壁 汽车 沈降 沉降 温差 "
    "漏电 白华 白灰 白蚁 白边 石材 石膏 石英 石英石 空调 空鼓 花岗岩 花岗石 花池 范围 角钢 许可 "
    "路沿 路灯 路缘石 车位 边角 连廊 金属 钟表 门厅 门头 门套 门槛 陈旧 雷电 项目 项目部 马桶 "
    "高低差 高层 高差 麻面 黄斑 黄水 黄河 黄边"
)
"""Words of the trade that the dictionary takes for names."""

ORDINARY_LATIN = (
    "abs ac al and apf app bim cad category co crc ctc date db department "
    "dept dn epdm eps estate frp gb gfrc gis gps grc gypsum hdpe hvac id ip "
    "kg km kv kw lcd led lng mm month mpa ms n2 nfc not number ok or order "
    "pa pb pc pcs pe pex ph pm pp ppr pps prc pu pvc rc sbs spc ssl stage "
    "state tds tpo tv unit ups upvc usb vip voc vrv wc wifi xps zr"
)
"""Operators and fields of a query, and abbreviations of the trade."""

LENGTHS = (2, 3)
HAN = re.compile(r"[\u3400-\u9fff〇]+")
DOTTED = re.compile(r"[\u3400-\u9fff][.·][\u3400-\u9fff]")
WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
LATIN = re.compile(r"[a-z\u00c0-\u024f]{2,}")
IN_A_PLACE = re.compile(r"(?:[栋幢座楼元#\-]\d{3,4}|\d{3,4}(?=[室房户号米]|平|mm|-))(?!\d)")
DIGITS = re.compile(r"\d{4,}")
RECORD = re.compile(r"[a-z0-9]{2,8}-[a-z]{2}-\d{4}-\d{3,8}|(?:19|20)\d\d-\d{2}(?:-\d{2})?")


def may_hold_a_name(words: str, *, known: Iterable[str] = ()) -> bool:
    """Whether a query or a title of a few words may name a person, by surname, dictionary, pinyin, initials, or last
    digits of a number. `known` are words of the company's own that name none: estates, departments, synonyms.
    """
    plain = fold(words).lower()
    if DOTTED.search(plain):
        return True
    for word in sorted((fold(one).lower() for one in (*known, *TRADE_WORDS.split())), key=len, reverse=True):
        plain = _without(word, plain)
    ordinary = ORDINARY_LATIN.split()
    plain = IN_A_PLACE.sub(" , ", RECORD.sub(" , ", plain))
    return (
        bool(DIGITS.search(plain))
        or any(word not in ordinary for word in LATIN.findall(plain))
        or any(_may_name(run) for run in HAN.findall(plain))
    )


def _without(word: str, plain: str) -> str:
    if HAN.search(word):
        return plain.replace(word, " , ")
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", " , ", plain) if word in plain else plain


def _may_name(run: str) -> bool:
    """A run of Chinese characters. Two readings: the dictionary alone, and with names that it does not have."""
    if any(name in run for name in DOUBLE_SURNAMES.split()):
        return True
    if any(tag.startswith(NAME_TAGS) and len(word) > 1 for word, tag in rjieba.tag(run)):
        return True
    cut = [word for word in rjieba.cut(run, hmm=False) if word]
    if any(len(word) == 1 and word in SURNAMES and word not in UNLIKELY for word in cut):
        return True
    # An unlikely surname, but nothing else stands there that could make it a word.
    return len(run) in LENGTHS and run[0] in SURNAMES and len(cut) > 1 and len(cut[0]) == 1
