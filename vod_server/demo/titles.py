"""The demo's ten titles as data: what the sheet says of them, and what their films show.

Everything is invented; no person, number or event in them is real.
"""

from __future__ import annotations

from vod_server.demo import icons, icons_life
from vod_server.demo.cards import Slide
from vod_server.demo.model import DemoTitle
from vod_server.demo.music import Tune
from vod_server.demo.palettes import AUTUMN, NIGHT, SPRING, SUMMER, WINTER
from vod_server.demo.places import PILOT_VILLAGE_CODE

SERIES = "二十四节气在青禾"


def demo_titles() -> tuple[DemoTitle, ...]:
    """List the titles in the order of the sheet."""
    return (*_SEASONS, *_LESSONS)


_SEASONS = (
    DemoTitle(
        "01-spring",
        "节气里的青禾·春",
        ("节气里的", "青禾·春"),
        "农技",
        "立春备种，惊蛰翻田，谷雨下秧：三个节气看青禾的春耕。",
        "田小满",
        SPRING,
        icons_life.blossom,
        (
            Slide("立春", ("晒种选种", "修渠补埂", "春打六九头"), icons_life.blossom),
            Slide("惊蛰", ("翻田晒土", "防倒春寒", "一声雷动百虫醒"), icons.leaf_healthy),
            Slide("谷雨", ("浸种催芽", "薄膜育秧", "雨生百谷正当时"), icons_life.rice_ear),
        ),
        Tune(11, 293.66, 0.5),
        series=SERIES,
        order=1,
    ),
    DemoTitle(
        "02-summer",
        "节气里的青禾·夏",
        ("节气里的", "青禾·夏"),
        "农技",
        "立夏管苗，芒种插秧，大暑看水：夏天的梯田最忙也最美。",
        "田小满",
        SUMMER,
        icons_life.lotus,
        (
            Slide("立夏", ("浅水护苗", "查苗补缺", "立夏看夏"), icons.leaf_healthy),
            Slide("芒种", ("抢晴插秧", "行距要匀", "芒种不种过后落空"), icons_life.rice_ear),
            Slide("大暑", ("日灌夜排", "防暑避高温", "荷风送香来"), icons_life.lotus),
        ),
        Tune(23, 329.63, 0.44),
        series=SERIES,
        order=2,
    ),
    DemoTitle(
        "03-autumn",
        "节气里的青禾·秋",
        ("节气里的", "青禾·秋"),
        "农技",
        "处暑防虫，秋分开镰，霜降归仓：金色梯田里的收成。",
        "田小满",
        AUTUMN,
        icons_life.rice_ear,
        (
            Slide("处暑", ("看穗防虫", "干湿交替", "处暑禾田连夜变"), icons.leaf_hopper),
            Slide("秋分", ("九成黄开镰", "抢晴收割", "秋分无生田"), icons_life.rice_ear),
            Slide("霜降", ("晒干入仓", "种上油菜", "霜降见霜米谷满仓"), icons_life.rice_ear),
        ),
        Tune(37, 261.63, 0.52),
        series=SERIES,
        order=3,
    ),
)

_LESSONS = (
    DemoTitle(
        "04-remote",
        "遥控器四个键就够用",
        ("遥控器", "四个键就够用"),
        "遥控器教学",
        "开机、选台、确定、返回：记住四个键，看电视不求人。",
        "小青",
        SPRING,
        icons.remote_ok,
        (
            Slide(
                "红色键：开机",
                ("对准电视按一下", "等屏幕亮起来", "自动播放电视台"),
                icons.remote_power,
            ),
            Slide(
                "方向键：选择", ("上下左右移动", "亮框在哪就选哪", "不怕按错"), icons.remote_arrows
            ),
            Slide("OK键：确定", ("选好了按一下", "放到一半再按", "画面就会暂停"), icons.remote_ok),
            Slide(
                "返回键：退一步", ("走错了就按它", "多按几下", "总能回到首页"), icons.remote_back
            ),
        ),
        Tune(41, 349.23, 0.46),
        audience="老年人",
        captioned=True,
    ),
    DemoTitle(
        "05-fraud",
        "陌生来电三不要",
        ("陌生来电", "三不要"),
        "法治",
        "不轻信、不透露、不转账：三句话守住钱袋子。",
        "法小安",
        AUTUMN,
        icons.phone,
        (
            Slide("不轻信", ("自称公检法的", "说你中奖的", "先挂断再核实"), icons.phone),
            Slide("不透露", ("验证码不告诉人", "卡号密码不外说", "不点陌生链接"), icons.shield),
            Slide("不转账", ("要你转钱都要停", "先问家人和村里", "被骗马上打110"), icons.shield),
        ),
        Tune(53, 293.66, 0.48),
        required=True,
        study_hours=0.5,
    ),
    DemoTitle(
        "06-rice",
        "水稻病虫看叶片",
        ("水稻病虫", "看叶片"),
        "农技",
        "好叶、病斑、飞虱怎么分？学会看叶，早发现早防治。",
        "田小满",
        SUMMER,
        icons.leaf_blast,
        (
            Slide("健康的叶", ("叶色青绿均匀", "叶片挺直", "七天看一次田"), icons.leaf_healthy),
            Slide("稻瘟病", ("梭形褐边斑", "中间灰白色", "先问农技员再用药"), icons.leaf_blast),
            Slide("稻飞虱", ("藏在稻丛基部", "拨开稻丛数虫", "保护蜘蛛和青蛙"), icons.leaf_hopper),
        ),
        Tune(67, 311.13, 0.5),
        encoding="long_gop",
        audience="种植户",
    ),
    DemoTitle(
        "07-nightschool",
        "夜校的一盏灯",
        ("夜校的", "一盏灯"),
        "党课",
        "一间祠堂、一盏油灯、一本识字课本：云岭夜校的故事（虚构）。",
        "青禾宣讲团",
        NIGHT,
        icons_life.lamp,
        (
            Slide("点灯", ("收工后进祠堂", "党员轮流添灯油", "先教写自己的名字"), icons_life.lamp),
            Slide("识字", ("课本传着看", "树枝当笔地当纸", "会算工分会记账"), icons_life.primer),
            Slide("传灯", ("学会的教不会的", "一盏灯亮一条沟", "今天接着往下传"), icons_life.lamp),
        ),
        Tune(71, 220.0, 0.6),
        required=True,
        study_hours=1.0,
        audience="党员",
    ),
    DemoTitle(
        "08-pressure",
        "高血压：每天量一量",
        ("高血压：", "每天量一量"),
        "健康",
        "怎么坐、怎么量、怎么记：在家量血压的三步。",
        "康大夫",
        SPRING,
        icons.gauge,
        (
            Slide("量之前", ("静坐五分钟", "不抽烟不喝茶", "先上厕所"), icons.heart),
            Slide("这样量", ("手臂与心口齐平", "袖带松紧一指宽", "量时不说话"), icons.gauge),
            Slide("量之后", ("记下日期和数字", "药不能自己停", "偏高就找村医"), icons_life.ledger),
        ),
        Tune(83, 277.18, 0.54),
        audience="中老年人",
    ),
    DemoTitle(
        "09-neighbours",
        "民法典：邻里通行",
        ("民法典：", "邻里通行"),
        "法治",
        "邻居过路、排水、采光起争执怎么办？听听民法典怎么说。",
        "法小安",
        WINTER,
        icons_life.neighbours,
        (
            Slide(
                "互相给方便", ("有利生产", "方便生活", "团结互助公平合理"), icons_life.neighbours
            ),
            Slide("有理好商量", ("先请调解员", "说清事实", "写下协议"), icons_life.scales),
        ),
        Tune(97, 293.66, 0.5),
        encoding="mpeg2",
    ),
    DemoTitle(
        "10-ledger",
        "柳湾村账本怎么看",
        ("柳湾村", "账本怎么看"),
        "身边案例",
        "柳湾村监委带你看一页账：收入、支出、凭证、提问。仅本村可见。",
        "柳湾村监委",
        AUTUMN,
        icons_life.ledger,
        (
            Slide(
                "看四样",
                ("收入从哪里来", "支出到哪里去", "凭证有没有", "谁经手谁审批"),
                icons_life.ledger,
            ),
            Slide("有疑就问", ("对着条目提问", "按期限答复", "答得不清再问"), icons_life.question),
        ),
        Tune(101, 329.63, 0.5),
        place=PILOT_VILLAGE_CODE,
        audience="柳湾村村民",
    ),
)
