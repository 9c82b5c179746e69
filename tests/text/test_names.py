"""How names are made, and what a query of the trade is made of."""

from __future__ import annotations

import pytest

from text.names import may_hold_a_name

OWN = ("云栖湾", "YLW", "设计管理部")
NAMES = (
    "欧阳示例 漏水|陈示例家漏水|张三|李四|王小明家漏水|张扬|高峰|白雪|陈伟|李雷家的马桶|"
    "zhangsan|zs|zhang san|0001|“陈示例”|-陈示例 漏水|渗漏 OR 陈示例|"
    "estate:YLW 陈示例|dept:陈示例|买买提·示例|John Smith|陈\u200b示例|"
    "江海洋|云示例|安示例|何示例 漏水|高明|周正|司马示例家|漏水 陈 示例|csl|示例陈|"
    "住户吴示例反映|9527|小陈|老王|王姐|陈示例0001|1201的王示例|13栋陈示例|张·三|刘总|"
    "陈工|云栖湾陈示例|赵"
)
QUERIES = (
    "天花板滴水|顶板渗漏|变形缝|卫生间防水|地下车库顶板|厕所|噪音|停车库|B1层A区|3栋2单元1201|"
    "YLW-AL-2026-00012|1201室 漏水|电梯异响|外墙色差|管道|马桶堵塞|石材返碱|"
    "PVC管|wifi|C30混凝土|2026-11|estate:YLW 渗漏|云栖湾 渗水|１号楼|"
    "外墙空鼓|单元门|金属栏杆|毛坯房|玻璃自爆|门锁|入户门|渗漏 -地下 OR 车库|“地下 车库”|沉降|"
    "水表箱|冷桥|强电箱|花池|电动车充电|后浇带|梁底裂缝|漏电|井盖|色差|安装不牢|常闭门|高差|"
    "设计管理部 图纸"
)


@pytest.mark.parametrize("place", range(len(NAMES.split("|"))))
def test_what_may_be_a_name_is_taken_for_one(place: int) -> None:
    assert may_hold_a_name(NAMES.split("|")[place], known=OWN)


@pytest.mark.parametrize("place", range(len(QUERIES.split("|"))))
def test_a_query_of_the_trade_names_nobody(place: int) -> None:
    assert not may_hold_a_name(QUERIES.split("|")[place], known=OWN)
